"""The LDAP door: contacts as a directory that telephones and programs ask (RFC 4510 to 4519).

Not here: bytes on the wire (`wire.ldap`), how contacts are stored and found (`directory.segment`), our people (`people`).
"""
