"""What operators look at, as data: stuck orders and their causes, an order's story, logs, mail.

Nothing here prints or changes anything: the command line and the console page show what it finds.
"""
