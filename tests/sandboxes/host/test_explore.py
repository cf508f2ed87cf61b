import pytest
from tests.sandboxes.host.indexes import shell
pytestmark = [pytest.mark.django_db(transaction=True)]
def test_explore(discovered, sandbox):
    for script in open("/tmp/explore.txt").read().split("\n---\n"):
        import time; t=time.time()
        code, output = shell(sandbox, script)
        print(f"$ {script.strip()}\n[{code}] {time.time()-t:.1f}s\n{output[-1500:]}\n")
