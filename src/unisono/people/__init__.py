"""Our own people: accounts, groups, lines, sign-in, tokens. Who may do what is the permissions room's."""
