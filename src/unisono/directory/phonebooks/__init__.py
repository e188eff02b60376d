"""Phone books over HTTP: JSON, the XML of telephones, vCard, CardDAV. Who asks sees what a node and a profile let them see.

Not here: LDAP (`directory/ldap`), whose nodes and profiles hold here too, and what the client of this server asks (`api.py`).
"""
