"""The peopledatalabs provider."""

from enrichcore.plugins import Provider


class PeopleDataLabs(Provider):
    """The peopledatalabs provider."""

    name = "peopledatalabs"
