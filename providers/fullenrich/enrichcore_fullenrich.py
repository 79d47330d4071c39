"""The fullenrich provider."""

from enrichcore.plugins import Provider


class FullEnrich(Provider):
    """The fullenrich provider."""

    name = "fullenrich"
