import django.utils.timezone
from django.db import migrations, models

# Rows are added; sealing fills number and digest once; people and spaces that go leave their names. All else is
# refused by the database itself, also to whoever comes past the portal with its account.
KEEP = """
CREATE FUNCTION audit_event_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free constant text[] := ARRAY['number', 'digest', 'actor_id', 'space_id'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('callboard.removes_audit', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the audit trail only grows; its retention is manage.py audit prune'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
        OR (OLD.number IS NOT NULL AND (NEW.number, NEW.digest) IS DISTINCT FROM (OLD.number, OLD.digest))
        OR (NEW.actor_id IS NOT NULL AND NEW.actor_id IS DISTINCT FROM OLD.actor_id)
        OR (NEW.space_id IS NOT NULL AND NEW.space_id IS DISTINCT FROM OLD.space_id)
    THEN
        RAISE EXCEPTION 'events of the audit trail never change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_event_keep BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_keep();
"""
LET_GO = "DROP TRIGGER audit_event_keep ON audit_event; DROP FUNCTION audit_event_keep();"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]

    operations = [
        migrations.AddField("auditevent", "number", models.BigIntegerField(blank=True, editable=False, null=True, unique=True)),
        migrations.AddField("auditevent", "digest", models.CharField(blank=True, default="", editable=False, max_length=64)),
        migrations.AddIndex(
            "auditevent",
            models.Index(condition=models.Q(("number", None)), fields=["id"], name="audit_unsealed"),
        ),
        migrations.AddIndex(
            "auditevent",
            models.Index(fields=["action", "-id"], name="audit_action", opclasses=["varchar_pattern_ops", "int8_ops"]),
        ),
        migrations.CreateModel(
            name="ChainMark",
            fields=[
                ("name", models.CharField(choices=[("head", "Head"), ("start", "Start")], max_length=5, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"db_table": "audit_chain_mark"},
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
