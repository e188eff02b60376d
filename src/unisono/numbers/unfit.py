"""Why a part of a location cannot be meant: a code with data for clients' words, and the sentence in English."""

from unisono.kernel.errors import Invalid


class Unfit(ValueError):
    """`problem` is stable; `data` holds what the words for it need."""

    def __init__(self, problem: str, message: str, **data: str | int) -> None:
        super().__init__(message)
        self.problem = problem
        self.data = data


def refused(field: str, unfit: Unfit) -> Invalid:
    """The fault that names the field of the location, as in `internal_rules[2].search`."""
    where = f"{field}: " if field else ""
    return Invalid("location-invalid", f"{where}{unfit}", data={"field": field, "problem": unfit.problem, **unfit.data})
