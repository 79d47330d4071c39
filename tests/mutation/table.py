"""Which tests answer for which module of money, leases and redaction."""

from typing import Final

_BUDGETS: Final = "tests/store/test_contract_budgets.py"
_STORES: Final = (_BUDGETS, "tests/store/test_contract.py")
_PEOPLE: Final = "tests/store/test_contract_privacy.py"
_ACCOUNTS: Final = "tests/store/test_accounts.py"
_MEMORY: Final = ("-k", "memory")
_SQLITE: Final = ("-k", "sqlite")
_POSTGRES: Final = ("-k", "postgres")

TESTS: Final[dict[str, tuple[str, ...]]] = {
    # Who may be asked, and for how much.
    "enrichcore.engine.budgets": ("tests/engine/test_budgets.py",),
    "enrichcore.engine.claiming": (
        "tests/engine/test_claiming_rules.py", "tests/engine/test_claiming.py",
    ),
    "enrichcore.engine.leases": ("tests/engine/test_leases.py",),
    "enrichcore.engine.limits": ("tests/engine/test_limits.py",),
    "enrichcore.store.judge": (*_STORES, _PEOPLE, *_MEMORY),
    "enrichcore.store.budgeting": (*_STORES, *_MEMORY),
    # The same in SQLite.
    "enrichcore.store.balance": (*_STORES, *_SQLITE),
    "enrichcore.store.crediting": (_ACCOUNTS, *_SQLITE),
    "enrichcore.store.leasing": (_BUDGETS, "-k", "sqlite and (shared or itself or clock)"),
    "enrichcore.store.taking": (*_STORES, _PEOPLE, *_SQLITE),
    "enrichcore.store.currency": ("tests/store/test_currency.py", *_SQLITE),
    # The same in Postgres.
    "enrichcore.store.postgres.budgets": (*_STORES, _PEOPLE, *_POSTGRES),
    "enrichcore.store.postgres.rates": (_BUDGETS, "-k", "postgres and (shared or itself or clock)"),
    "enrichcore.store.postgres.taking": (*_STORES, _PEOPLE, *_POSTGRES),
    # Who is not to be known any more, and what nobody is to see.
    "enrichcore.engine.erasure": ("tests/engine/test_erasure.py",),
    "enrichcore.engine.suppression": ("tests/engine/test_suppression.py",),
    "enrichcore.engine.suppression_index": ("tests/engine/test_suppression_index.py",),
    "enrichcore.log": ("tests/test_log.py",),
    "enrichcore.store.clearing": ("tests/store/test_erasing.py",),
    "enrichcore.store.erasing": (_PEOPLE, "tests/store/test_erasing.py", "-k", "sqlite or erasing"),
    "enrichcore.store.sealing": ("tests/store/test_sealing.py",),
    "enrichcore.store.postgres.erasure": (_PEOPLE, *_POSTGRES),
}  # fmt: skip
