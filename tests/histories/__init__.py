"""Histories: what clients asked and were told, and what may not have happened.

Clients record each operation, when they called and when it returned. The rules judge the record
alone; they know nothing of the product's code. (Wing & Gong 1993; Lowe 2017; Knossos, Porcupine.)
"""
