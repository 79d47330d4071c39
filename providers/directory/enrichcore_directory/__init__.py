"""The directory provider: your own people, from a CSV, JSON Lines or vCard file or a table in an SQL database."""

from enrichcore_directory.provider import Directory
from enrichcore_directory.settings import DirectorySettings

__all__ = ["Directory", "DirectorySettings"]
