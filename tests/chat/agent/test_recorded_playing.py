"""What a recording says and calls next, by what its calls came to; no sandbox is needed."""

from __future__ import annotations

from chat.agent.demo.steps import Outcome
from chat.agent.recorded.playing import Player
from chat.providers.recordings import RecordedCall, RecordedStep, RecordedTurn, Recording
from chat.rendering.suggestions import apart

URL, NOW = "http://3000-oldbox.example", "http://3000-newbox.example"
START = RecordedCall(tool="create_sandbox", names={"sandbox_id": "oldbox", "name": "calm-fox"})
WRITE = RecordedCall(
    tool="write_files", arguments={"files": [{"path": "a.txt", "content": f"see {URL}"}]}
)
ASK = RecordedCall(tool="get_sandbox_url", arguments={"port": 3000}, names={"url": URL})
RUN = RecordedCall(tool="run_command", arguments={"command": "python3", "args": ["a.py"]})


def recording(*turns: list[RecordedStep]) -> Recording:
    return Recording(
        title="A test",
        turns=[
            RecordedTurn(request=f"Request {number}", steps=steps)
            for number, steps in enumerate(turns, 1)
        ],
    )


def calling(*calls: RecordedCall) -> RecordedStep:
    return RecordedStep(calls=list(calls))


def said(text: str) -> RecordedStep:
    return RecordedStep(text=text)


def good(call: RecordedCall, **data) -> Outcome:
    return Outcome(call.tool, call.arguments, True, data, "{}")


def refused(call: RecordedCall, why: str) -> Outcome:
    return Outcome(call.tool, call.arguments, False, {}, f"{call.tool} failed: {why}")


def test_the_recorded_request_stands_before_the_first_answer():
    played = Player(recording([calling(START), said("Made.")])).next([])

    assert "> Request 1" in played.text
    assert played.calls == [("create_sandbox", {})]


def test_ids_and_addresses_are_those_of_today_in_words_and_in_files():
    steps = [calling(START), calling(ASK), calling(WRITE), said(f"oldbox, calm-fox: {URL}/x")]
    made = good(START, sandbox_id="newbox", name="wild-cat")
    asked = good(ASK, url=NOW, listening=True)

    third = Player(recording(steps)).next([made, asked])
    last = Player(recording(steps)).next([made, asked, good(WRITE)])

    assert third.calls[0][1]["files"][0]["content"] == f"see {NOW}"
    assert f"newbox, wild-cat: {NOW}/x" in last.text


def test_a_name_inside_a_longer_word_stays():
    steps = [calling(START), said("oldboxes and oldbox")]

    played = Player(recording(steps)).next([good(START, sandbox_id="new", name="n")])

    assert "oldboxes and new" in played.text


def test_an_address_that_there_is_none_of_today_is_not_said():
    steps = [calling(ASK), said(f"It is at {URL}.")]

    played = Player(recording(steps)).next([refused(ASK, "The port is not shared.")])

    assert URL not in played.text
    assert "there is none this time" in played.text


def test_a_step_that_only_fails_today_is_told_with_its_reason_and_ends_the_part():
    player = Player(recording([calling(START), calling(RUN), said("It runs.")]))

    played = player.next([refused(START, "You have all the sandboxes that you may have.")])

    assert "worked there and failed here" in played.text
    assert "You have all the sandboxes" in played.text
    assert not played.calls and not played.complete
    assert "It runs." not in played.text
    assert apart(played.text)[1] == ["Next"]


def test_a_command_that_ends_with_another_kind_of_code_is_told_with_the_code():
    bad = good(RUN, exit_code=3, output="line one\nboom: it broke")

    played = Player(recording([calling(RUN), said("It runs.")])).next([bad])

    assert "`python3 a.py` worked there and failed here with exit code 3" in played.text
    assert "boom: it broke" in played.text


def test_a_step_that_failed_there_and_works_here_is_told_and_the_recording_goes_on():
    failing = RUN.model_copy(update={"worked": False})

    played = Player(recording([calling(failing), said("On.")])).next([good(RUN, exit_code=0)])

    assert "failed there and worked here" in played.text
    assert "On." in played.text
    assert played.complete


def test_a_step_that_fails_in_both_is_no_difference():
    failing = RUN.model_copy(update={"worked": False})

    played = Player(recording([calling(failing), said("On.")])).next([good(RUN, exit_code=1)])

    assert "not as in the recording" not in played.text


def test_a_port_that_nobody_listens_on_is_told_and_the_recording_goes_on():
    played = Player(recording([calling(ASK), said("On.")])).next(
        [good(ASK, url=NOW, port=3000, listening=False)]
    )

    assert "nothing listens on port 3000" in played.text
    assert "On." in played.text


def test_all_calls_of_one_answer_are_made_at_once():
    played = Player(recording([calling(RUN, ASK), said("On.")])).next([])

    assert [tool for tool, _ in played.calls] == ["run_command", "get_sandbox_url"]


def test_the_next_message_plays_the_next_part():
    player = Player(recording([calling(RUN), said("One.")], [said("Two.")]))
    player.skip([good(RUN, exit_code=0)])

    played = player.next([])

    assert "> Request 2" in played.text
    assert "Two." in played.text
    assert "The recording is over" in played.text


def test_a_part_that_could_not_be_played_comes_once_more():
    player = Player(recording([calling(RUN), said("One.")], [said("Two.")]))
    player.skip([good(RUN, exit_code=1, output="")])

    played = player.next([])

    assert "Part 1 of 2, once more" in played.text
    assert played.calls


def test_after_the_end_it_says_that_it_is_over():
    player = Player(recording([said("One.")]))
    player.skip([])
    player.skip([])

    assert "is over; it has no more parts" in player.next([]).text


def test_a_message_that_comes_meanwhile_is_told_to_change_nothing():
    played = Player(recording([said("One.")])).next([], interrupted=True)

    assert "What you wrote meanwhile changes nothing" in played.text


def test_what_the_recording_offered_to_say_next_is_left_out():
    steps = [said("One.\n\n```suggestions\nAdd dark mode\n```")]

    text, offered = apart(Player(recording(steps, [said("Two.")])).next([]).text)

    assert "dark mode" not in text and offered == ["Next"]
