"""The composition root: the only place that knows all rooms, and what an operator does with a whole server."""
