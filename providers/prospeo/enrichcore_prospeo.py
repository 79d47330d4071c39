"""The prospeo provider."""

from enrichcore.plugins import Provider


class Prospeo(Provider):
    """The prospeo provider."""

    name = "prospeo"
