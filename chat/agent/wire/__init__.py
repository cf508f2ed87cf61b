"""Between a provider's HTTP answer and the agent library: whatever a server makes of the wire
formats leaves this room well-formed, so that nothing behind it knows of quirks.

`client.py` puts it in place. `openai_chat.py` and `anthropic_messages.py` read a format and write
it anew; what both have to decide (whose arguments these are, what is thought and what is said) is
decided once, in `answer.py` and what it uses. `sound_answers.py` does the same for what the library
hands on: the history that is sent, and the arguments of calls.
"""
