"""The table of attempts: attacks on the API and the webhook, by OWASP's API Security Top 10.

https://owasp.org/API-Security/editions/2023/en/0x11-t10/. All specimens are textbook ones of our
own making; each aims at our own authorization, validation or limits, and has to be refused.
"""
