"""`{% form_key %}`: the hidden key by which a form that is sent twice is known."""

from __future__ import annotations

from django import template
from django.utils.html import format_html

from muniment.evidence.identifiers import new_id
from muniment_server.custody.policies import FORM_KEY

register = template.Library()


@register.simple_tag
def form_key() -> str:
    """Return a hidden field with a fresh key: one for each form on each page."""
    return format_html('<input type="hidden" name="{}" value="{}">', FORM_KEY, new_id())
