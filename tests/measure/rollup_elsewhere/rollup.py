"""The rollup in dicts: what a projection in Python keeps."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"
LOW_STARS = 3

# The day, the outlet and the engineer.
Key = tuple[date, str, str]
# Resolved, satisfied, rated low, sum and count of stars, count and median of the seconds until
# somebody accepted.
Row = tuple[int, int, int, int, int, int, int | None]


class Cell:
    """Counts of one key. Medians are exact, so all waits are kept."""

    __slots__ = ("low", "resolved", "satisfied", "stars", "stars_count", "waits")

    def __init__(self) -> None:
        self.resolved = self.satisfied = self.low = self.stars = self.stars_count = 0
        self.waits: list[int] = []

    def row(self) -> Row:
        """The median is the nearest rank's, as `percentile_disc` and Paidan take it."""
        waits = sorted(self.waits)
        median = waits[(len(waits) - 1) // 2] if waits else None
        return (
            self.resolved, self.satisfied, self.low, self.stars, self.stars_count, len(waits), median
        )  # fmt: skip


class Rollup:
    """Takes events in the order of their tickets."""

    def __init__(self) -> None:
        self.cells: dict[Key, Cell] = {}
        self.waiting: dict[object, int] = {}
        self.zone = ZoneInfo(ZONE)

    def cell(self, at: int, outlet: str, engineer: str) -> Cell:
        key = (datetime.fromtimestamp(at, self.zone).date(), outlet, engineer)
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = Cell()
        return cell

    def created(self, ticket: object, at: int) -> None:
        self.waiting[ticket] = at

    def accepted(self, ticket: object, at: int, outlet: str, engineer: str) -> None:
        reported = self.waiting.pop(ticket, None)
        if reported is not None:
            self.cell(at, outlet, engineer).waits.append(at - reported)

    def resolved(self, at: int, outlet: str, engineer: str) -> None:
        self.cell(at, outlet, engineer).resolved += 1

    def confirmed(self, at: int, outlet: str, engineer: str, verdict: str, stars: int) -> None:
        cell = self.cell(at, outlet, engineer)
        cell.satisfied += verdict == "satisfied"
        cell.low += stars < LOW_STARS
        cell.stars += stars
        cell.stars_count += 1

    def rows(self) -> dict[Key, Row]:
        return {key: cell.row() for key, cell in self.cells.items()}
