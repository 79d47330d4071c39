"""What the tests of providers share with all others."""  # noqa: INP001 - tests are not a package

from tests.conftest import require

__all__ = ["require"]
