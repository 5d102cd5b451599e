"""Statements of reasons for the Transparency Database of the Digital Services Act.

``vocabulary`` has the database's words, ``statement`` what it asks for, ``writing`` puts a
restriction into those, ``export`` writes files that its API takes. Nothing is imported here: the
settings need the words alone, and the command line waits for its settings.
"""
