"""Who is there: one state per person, combined from telephone, idle time, sign-in and what they set themselves."""
