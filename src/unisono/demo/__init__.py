"""The demo firm: its people and customers as plain data, and a switch that its telephones hang on. Nothing real in it."""
