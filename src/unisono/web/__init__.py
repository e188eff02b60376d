"""The web door: routes, the clients' event stream, sign-in, limits, errors as problem details. It decides nothing itself."""
