"""Exports: contacts of some books written into files or into an Active Directory, by hand or by schedule.

Each run happens in a process of its own, like an import. A file is replaced as a whole, so that whatever goes wrong leaves the
last good one; in an Active Directory nothing is touched that the export did not make itself.
"""
