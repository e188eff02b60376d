"""`python -m unisono.calls.diagram > docs/calls.md`: the page about connection states, made from the table."""

from unisono.calls import transitions
from unisono.calls.transitions import TABLE, Trigger


def page() -> str:
    """The whole page as Markdown."""
    prose = (transitions.__doc__ or "").strip()
    return "\n".join(
        [
            "# Calls: the states of a connection",
            "",
            "<!-- Made by `python -m unisono.calls.diagram > docs/calls.md`. Do not edit. -->",
            "",
            prose,
            "",
            "```mermaid",
            transitions.mermaid(),
            "```",
            "",
            "| event | " + " | ".join(str(state) for state in TABLE) + " |",
            "|---|" + "---|" * len(TABLE),
            *[
                f"| {trigger} | " + " | ".join(str(row.get(trigger, "–")) for row in TABLE.values()) + " |"
                for trigger in Trigger
            ],
            "",
            "–: cannot be; it is counted as an anomaly and the connection stays as it was.",
        ]
    )


if __name__ == "__main__":
    print(page())  # noqa: T201
