"""Runs and their logs as the API gives them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scaffolder.runs.models import Run, RunChange, RunType


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run in a list."""

    stack = serializers.CharField(source="stack.slug", read_only=True)
    space = serializers.CharField(source="stack.space.slug", read_only=True)

    class Meta:
        model = Run
        fields = [
            "uid", "stack", "space", "number", "type", "state", "reason", "commit", "branch", "added", "changed",
            "destroyed", "is_deleting_stack", "triggered_by_label", "created_at", "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class ChangeSerializer(serializers.ModelSerializer[RunChange]):
    """One change of state."""

    class Meta:
        model = RunChange
        fields = ["state", "by", "note", "at"]
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """One run with its plan, outputs (values of sensitive ones are null) and history."""

    changes = serializers.JSONField(read_only=True)
    output_changes = serializers.JSONField(read_only=True)
    outputs = serializers.DictField(child=serializers.DictField(), read_only=True)
    history = ChangeSerializer(many=True, read_only=True)

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "changes", "output_changes", "outputs", "history"]
        read_only_fields = fields


class TriggerSerializer(serializers.Serializer[Any]):
    """What kind of run to start."""

    type = serializers.ChoiceField(choices=RunType.choices, default=RunType.TRACKED)


class NoteSerializer(serializers.Serializer[Any]):
    """Words that are kept with a decision."""

    note = serializers.CharField(allow_blank=True, max_length=2000, default="")


class LineSerializer(serializers.Serializer[Any]):
    """One line of a log."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField(allow_null=True)
    group = serializers.CharField()
    level = serializers.CharField()
    text = serializers.CharField()


class LogSerializer(serializers.Serializer[Any]):
    """Some lines, the number of the last of them, and whether more may come."""

    lines = LineSerializer(many=True)
    last = serializers.IntegerField()
    is_complete = serializers.BooleanField()
