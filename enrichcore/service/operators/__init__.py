"""What those who run the service look at: a page, metrics and traces. None of it is loaded unless it is configured."""
