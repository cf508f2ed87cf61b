"""Programs have the addresses of sandboxes made through the Vercel API: those go on to work."""

from typing import Any

from django.db import migrations


def keep_open(apps: Any, _editor: Any) -> None:
    made = apps.get_model("sandboxes", "Sandbox").objects.filter(placement__has_key="project")
    made.update(preview_access="link")


class Migration(migrations.Migration):
    dependencies = [("sandboxes", "0024_preview_access")]
    operations = [migrations.RunPython(keep_open, migrations.RunPython.noop)]
