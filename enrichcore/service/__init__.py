"""The HTTP service: `POST /v1/enrich/phone`, over the same core as the library and the command line."""
