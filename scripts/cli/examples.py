"""Examples of every command, for its help. A test runs each through the parser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: By the command's words. ``6cfc66f5`` is the beginning of an order's id.
EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "orders accounts reset-authenticator": (
        'orders accounts reset-authenticator ada@mail.example --reason "Lost her phone."',
    ),
    "orders alerts show": (
        "orders alerts",
        "orders alerts --since 3d --stage prod",
    ),
    "orders alerts test": ('orders alerts test --stage prod --reason "Handoff: Kemi takes over."',),
    "orders audit": (
        "orders audit",
        "orders audit 6cfc66f5",
        "orders audit --since 2h --all",
    ),
    "orders backfill": ("orders backfill --dry-run",),
    "orders backup create": ("orders backup create orders",),
    "orders backup list": ("orders backup list",),
    "orders breakers auto": ("orders breakers auto paystack",),
    "orders breakers close": (
        'orders breakers close paystack --reason "The status page says up."',
    ),
    "orders breakers open": ('orders breakers open paystack --reason "Maintenance until 3 pm"',),
    "orders breakers policy": (
        "orders breakers policy paystack",
        "orders breakers policy paystack --set threshold=3 --set cooldownSeconds=30",
    ),
    "orders breakers show": (
        "orders breakers",
        "orders breakers --watch",
    ),
    "orders cancel": ('orders cancel 6cfc66f5 --reason "You asked us to."',),
    "orders canary run": ("orders canary run", "orders canary run --stage staging"),
    "orders canary set-up": ('orders canary set-up --reason "A new stage" --stage dev',),
    "orders capacity": ("orders capacity --rate 20",),
    "orders catalog load": ("orders catalog load catalog.csv",),
    "orders catalog search": (
        'orders catalog search "2 cups milk"',
        "orders catalog search tomatoe --limit 10",
    ),
    "orders confirm": ("orders confirm 6cfc66f5",),
    "orders console": (
        "orders console",
        "orders console --stage prod --no-open",
    ),
    "orders cost": (
        "orders cost 6cfc66f5",
        "orders cost --since 3d",
    ),
    "orders dead-letters drop": ('orders dead-letters drop 4f0e7d11 --reason "A test event"',),
    "orders dead-letters keep": (
        'orders dead-letters keep 4f0e7d11 --reason "The engineers look at it on Monday."',
    ),
    "orders dead-letters list": ("orders dead-letters list",),
    "orders dead-letters retry": (
        'orders dead-letters retry 4f0e7d11 --reason "The bug is fixed."',
    ),
    "orders dead-letters show": ("orders dead-letters show 4f0e7d11",),
    "orders demo": (
        "orders demo",
        "orders demo --keep",
    ),
    "orders demo-shop": ("orders demo-shop --port 8080",),
    "orders deploy rollback": ('orders deploy rollback --reason "Links fail" --dry-run',),
    "orders deploy status": ("orders deploy status --stage prod",),
    "orders dispute": (
        "orders dispute 6cfc66f5",
        "orders dispute 6cfc66f5 --resolve declined",
    ),
    "orders expire": ("orders expire 6cfc66f5",),
    "orders failed": (
        "orders failed",
        "orders failed --since 2h --orders",
    ),
    "orders faults answer": ("orders faults answer max_tokens --times 1",),
    "orders faults clear": ("orders faults clear paystack",),
    "orders faults refunds": ("orders faults refunds failed",),
    "orders faults set": (
        "orders faults set paystack --mode outage --for 60",
        "orders faults set bedrock --mode throttle --rate 0.5",
    ),
    "orders faults stats": ("orders faults stats paystack",),
    "orders feedback": ("orders feedback --since 3d",),
    "orders forget": (
        'orders forget 3f2c9d0e-1f7b-4f2c-9a55-0d6a7f0d9a11 --reason "Asked by mail."',
    ),
    "orders health": (
        "orders health",
        "orders health --stage prod --json",
    ),
    "orders incident": ("orders incident --since 2h",),
    "orders list": (
        "orders list",
        "orders list --status payment_delayed --since 2h",
        "orders list --customer ada@mail.example --limit 5",
        "orders list --after 6cfc66f5",
        "orders list --watch",
    ),
    "orders local down": (
        "orders local down",
        "orders local down --forget",
    ),
    "orders local env": (
        'eval "$(orders local env)"',
        "orders local env --json",
    ),
    "orders local logs": ("orders local logs --minutes 5 --follow",),
    "orders local status": ("orders local status --name other",),
    "orders local up": (
        "orders local up",
        "orders local up --keep-data",
        "orders local up --name other --port 4566",
    ),
    "orders local watch": (
        "orders local watch",
        "orders local watch --port 8080",
    ),
    "orders logs": (
        "orders logs 6cfc66f5",
        "orders logs 6cfc66f5 --follow",
    ),
    "orders mail": (
        "orders mail",
        "orders mail 6cfc66f5 --text",
    ),
    "orders pay": (
        "orders pay 6cfc66f5",
        "orders pay 6cfc66f5 --late",
    ),
    "orders reconcile": ("orders reconcile --dry-run",),
    "orders refund": ("orders refund 6cfc66f5 --amount 5000",),
    "orders refunds create": (
        'orders refunds create 6cfc66f5 --reference 6cfc66f5-1 --reason "Paid twice" --dry-run',
    ),
    "orders refunds done": (
        'orders refunds done 6cfc66f5 --reference 6cfc66f5-1 --reason "By bank transfer"',
    ),
    "orders refunds list": ("orders refunds list",),
    "orders replay": (
        "orders replay --order 6cfc66f5 --dry-run",
        "orders replay --since 2h --error KeyError --yes",
    ),
    "orders restore": (
        'orders restore orders --at 2026-01-31T12:00:00Z --reason "A wrong import"',
    ),
    "orders resume": (
        "orders resume --order 6cfc66f5",
        "orders resume --all --provider paystack",
    ),
    "orders secret revoke-previous": (
        'orders secret revoke-previous --reason "The old key has leaked."',
    ),
    "orders secret rotate": ('orders secret rotate --reason "Every 90 days"',),
    "orders show": (
        "orders show 6cfc66f5",
        "orders show 6cfc66f5 --json --stage prod",
    ),
    "orders submit": (
        'orders submit "2 cups milk, 1 loaf bread, 3 eggs" --pay',
        'orders submit "- 2 kg rice, 3 eggs"',
        "orders submit -f list.txt",
        "pbpaste | orders submit -",
    ),
    "orders trace": (
        "orders trace 6cfc66f5",
        "orders trace 6cfc66f5 --json --stage prod",
    ),
    "orders versions clean": ("orders versions clean --dry-run",),
    "orders versions list": ("orders versions list",),
    "orders waf status": ("orders waf status --stage prod",),
    "orders waf test": ('orders waf test "2 kg rice; DROP TABLE orders"',),
}
