"""``make waf-report``: measures the web ACL on traffic, and writes docs/security/waf.md."""

from tests.waf.measures import Measures
from tests.waf.report import write

if __name__ == "__main__":
    write(Measures())
