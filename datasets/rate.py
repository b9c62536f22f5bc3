"""How fast photos come, for a progress bar whose steps are photos."""

from rich.progress import ProgressColumn, Task
from rich.text import Text


class PhotoRate(ProgressColumn):
    """Done of all, and photos a second, or an hour where they are slow."""

    def render(self, task: Task) -> Text:
        """`12/80 photos, 1.9 photos/s`."""
        speed = task.finished_speed or task.speed
        rate = "" if not speed else f", {speed:.1f} photos/s" if speed >= 1 else f", {speed * 3600:.0f} photos/h"
        return Text(f"{task.completed:.0f}/{task.total or 0:.0f} photos{rate}")
