"""Checks of hand-written bodies and ``sql:`` steps, codes XT3##.

A check looks at one :class:`Reading`: a text in the language that its dialect will run it in. It yields what
:meth:`Reading.finding` makes; the place becomes the line of the file wherever the text is a literal block.
The reading is one of tokens and nested statements, so what a check does not recognise, it passes over.
"""
