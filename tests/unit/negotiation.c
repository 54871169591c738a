/* SPDX-License-Identifier: GPL-3.0-only */
/* The negotiation of a SUB: every cell of its table, written out again from docs/protocol.md, and
 * what happens to an offer. */
#include "negotiation.h"
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka needs the three above */
#include <cmocka.h>

#define STATE(name) BUZZ_NEGOTIATION_##name
#define CELL(state, event, next, action)                                                           \
	{                                                                                          \
		STATE(state), STATE(event), STATE(next), STATE(action), #state " " #event          \
	}

static const struct {
	enum buzz_negotiation_state state;
	enum buzz_negotiation_event event;
	enum buzz_negotiation_state next;
	enum buzz_negotiation_action action;
	const char *name;
} cells[] = {
    /* whatever changes is offered at once when nothing is out, and folded into the next offer
       otherwise */
    CELL(IDLE, CHANGE, OFFERED, OFFER),
    CELL(OFFERED, CHANGE, DIRTY, NOTHING),
    CELL(DIRTY, CHANGE, DIRTY, NOTHING),
    CELL(STABLE, CHANGE, OFFERED, OFFER),
    CELL(CLOSED, CHANGE, CLOSED, NOTHING),
    /* a good answer ends the exchange; what was folded starts the next one */
    CELL(IDLE, ANSWER, IDLE, REFUSE_STATE),
    CELL(OFFERED, ANSWER, STABLE, ACCEPT),
    CELL(DIRTY, ANSWER, OFFERED, ACCEPT_AND_OFFER),
    CELL(STABLE, ANSWER, STABLE, REFUSE_STATE),
    CELL(CLOSED, ANSWER, CLOSED, REFUSE_STATE),
    /* an answer to another version changes nothing */
    CELL(IDLE, STALE, IDLE, REFUSE_STATE),
    CELL(OFFERED, STALE, OFFERED, REFUSE_STALE),
    CELL(DIRTY, STALE, DIRTY, REFUSE_STALE),
    CELL(STABLE, STALE, STABLE, REFUSE_STATE),
    CELL(CLOSED, STALE, CLOSED, REFUSE_STATE),
    /* nor does one that cannot be used */
    CELL(IDLE, BAD, IDLE, REFUSE_STATE),
    CELL(OFFERED, BAD, OFFERED, REFUSE_BAD),
    CELL(DIRTY, BAD, DIRTY, REFUSE_BAD),
    CELL(STABLE, BAD, STABLE, REFUSE_STATE),
    CELL(CLOSED, BAD, CLOSED, REFUSE_STATE),
    /* unless it was the last try */
    CELL(IDLE, BAD_LAST, IDLE, REFUSE_STATE),
    CELL(OFFERED, BAD_LAST, CLOSED, GIVE_UP),
    CELL(DIRTY, BAD_LAST, CLOSED, GIVE_UP),
    CELL(STABLE, BAD_LAST, STABLE, REFUSE_STATE),
    CELL(CLOSED, BAD_LAST, CLOSED, REFUSE_STATE),
    /* silence: the same offer again */
    CELL(IDLE, TIMEOUT, IDLE, NOTHING),
    CELL(OFFERED, TIMEOUT, OFFERED, OFFER_AGAIN),
    CELL(DIRTY, TIMEOUT, DIRTY, OFFER_AGAIN),
    CELL(STABLE, TIMEOUT, STABLE, NOTHING),
    CELL(CLOSED, TIMEOUT, CLOSED, NOTHING),
    CELL(IDLE, TIMEOUT_LAST, IDLE, NOTHING),
    CELL(OFFERED, TIMEOUT_LAST, CLOSED, GIVE_UP),
    CELL(DIRTY, TIMEOUT_LAST, CLOSED, GIVE_UP),
    CELL(STABLE, TIMEOUT_LAST, STABLE, NOTHING),
    CELL(CLOSED, TIMEOUT_LAST, CLOSED, NOTHING),
    /* a client that may have missed the open offer gets it again; its tries start anew */
    CELL(IDLE, ASK, IDLE, NOTHING),
    CELL(OFFERED, ASK, OFFERED, OFFER_ANEW),
    CELL(DIRTY, ASK, DIRTY, OFFER_ANEW),
    CELL(STABLE, ASK, STABLE, NOTHING),
    CELL(CLOSED, ASK, CLOSED, NOTHING),
    /* closed is closed */
    CELL(IDLE, CLOSE, CLOSED, NOTHING),
    CELL(OFFERED, CLOSE, CLOSED, NOTHING),
    CELL(DIRTY, CLOSE, CLOSED, NOTHING),
    CELL(STABLE, CLOSE, CLOSED, NOTHING),
    CELL(CLOSED, CLOSE, CLOSED, NOTHING),
};

static void test_every_cell(void **state)
{
	(void)state;
	int seen[BUZZ_NEGOTIATION_STATES][BUZZ_NEGOTIATION_EVENTS] = {{0}};
	for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
		enum buzz_negotiation_state next = BUZZ_NEGOTIATION_STATES;
		enum buzz_negotiation_action action =
		    buzz_negotiation_table(cells[i].state, cells[i].event, &next);
		if (next != cells[i].next || action != cells[i].action)
			fail_msg("%s: state %d, action %d", cells[i].name, (int)next, (int)action);
		seen[cells[i].state][cells[i].event]++;
	}
	for (int s = 0; s < BUZZ_NEGOTIATION_STATES; s++)
		for (int e = 0; e < BUZZ_NEGOTIATION_EVENTS; e++)
			assert_int_equal(seen[s][e], 1);
}

static const struct buzz_negotiation_limits limits = {.timeout_ms = 5000, .tries = 3};

static enum buzz_negotiation_action change(struct buzz_negotiation *negotiation, int64_t now_ms)
{
	return buzz_negotiation_change(negotiation, now_ms, &limits);
}

static enum buzz_negotiation_action good(struct buzz_negotiation *negotiation, uint32_t version,
					 int64_t now_ms)
{
	return buzz_negotiation_answer(negotiation, version, 1, now_ms, &limits);
}

static enum buzz_negotiation_action bad(struct buzz_negotiation *negotiation, uint32_t version,
					int64_t now_ms)
{
	return buzz_negotiation_answer(negotiation, version, 0, now_ms, &limits);
}

static enum buzz_negotiation_action tick(struct buzz_negotiation *negotiation, int64_t now_ms)
{
	return buzz_negotiation_tick(negotiation, now_ms, &limits);
}

static void test_offer_and_answer(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	assert_int_equal(good(&sub, 0, 0), STATE(REFUSE_STATE));
	assert_int_equal(change(&sub, 1000), STATE(OFFER));
	assert_int_equal(sub.version, 1);
	assert_int_equal(sub.tries, 1);
	assert_int_equal(sub.deadline_ms, 6000);
	assert_int_equal(good(&sub, 1, 1200), STATE(ACCEPT));
	assert_int_equal(tick(&sub, 1000000), STATE(NOTHING));
	assert_int_equal(change(&sub, 1000000), STATE(OFFER));
	assert_int_equal(sub.version, 2);
}

static void test_lost_offer(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 1000);
	assert_int_equal(tick(&sub, 5999), STATE(NOTHING));
	assert_int_equal(tick(&sub, 6000), STATE(OFFER_AGAIN));
	assert_int_equal(sub.version, 1);
	assert_int_equal(tick(&sub, 6001), STATE(NOTHING));
	assert_int_equal(good(&sub, 1, 6100), STATE(ACCEPT));
	assert_int_equal(sub.state, STATE(STABLE));
}

static void test_late_answer(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	assert_int_equal(tick(&sub, 5000), STATE(OFFER_AGAIN));
	/* it answers the first copy, then the second */
	assert_int_equal(good(&sub, 1, 5001), STATE(ACCEPT));
	assert_int_equal(good(&sub, 1, 5002), STATE(REFUSE_STATE));
	assert_int_equal(sub.state, STATE(STABLE));
	assert_int_equal(sub.version, 1);
}

static void test_answer_to_an_older_version(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	good(&sub, 1, 10);
	change(&sub, 20);
	assert_int_equal(good(&sub, 1, 1000), STATE(REFUSE_STALE));
	/* the core took it for an answer to version 2, so that is sent again and has its time again
	 */
	assert_int_equal(sub.version, 2);
	assert_int_equal(sub.tries, 2);
	assert_int_equal(sub.deadline_ms, 6000);
	assert_int_equal(good(&sub, 3, 1001), STATE(REFUSE_STALE));
	assert_int_equal(good(&sub, 2, 1002), STATE(ACCEPT));
}

static void test_changes_are_folded(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(change(&sub, i), STATE(NOTHING));
	assert_int_equal(tick(&sub, 5000), STATE(OFFER_AGAIN));
	assert_int_equal(sub.version, 1);
	assert_int_equal(good(&sub, 1, 6000), STATE(ACCEPT_AND_OFFER));
	assert_int_equal(sub.version, 2);
	assert_int_equal(sub.tries, 1);
	assert_int_equal(sub.deadline_ms, 11000);
	assert_int_equal(good(&sub, 2, 6001), STATE(ACCEPT));
	assert_int_equal(sub.version, 2);
}

static void test_bad_answers(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	assert_int_equal(bad(&sub, 1, 100), STATE(REFUSE_BAD));
	assert_int_equal(sub.deadline_ms, 5100);
	assert_int_equal(change(&sub, 150), STATE(NOTHING));
	assert_int_equal(bad(&sub, 1, 200), STATE(REFUSE_BAD));
	assert_int_equal(sub.state, STATE(DIRTY));
	assert_int_equal(sub.version, 1);
	assert_int_equal(bad(&sub, 1, 300), STATE(GIVE_UP));
	assert_int_equal(good(&sub, 1, 400), STATE(REFUSE_STATE));
	assert_int_equal(change(&sub, 500), STATE(NOTHING));
	assert_int_equal(tick(&sub, 100000), STATE(NOTHING));
}

static void test_a_good_answer_after_bad_ones(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	bad(&sub, 1, 1);
	bad(&sub, 1, 2);
	assert_int_equal(good(&sub, 1, 3), STATE(ACCEPT));
	/* the next offer has all its tries again */
	change(&sub, 4);
	assert_int_equal(bad(&sub, 2, 5), STATE(REFUSE_BAD));
	assert_int_equal(bad(&sub, 2, 6), STATE(REFUSE_BAD));
	assert_int_equal(bad(&sub, 2, 7), STATE(GIVE_UP));
}

static void test_silence(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	assert_int_equal(tick(&sub, 5000), STATE(OFFER_AGAIN));
	assert_int_equal(tick(&sub, 10000), STATE(OFFER_AGAIN));
	assert_int_equal(sub.tries, 3);
	assert_int_equal(tick(&sub, 14999), STATE(NOTHING));
	assert_int_equal(tick(&sub, 15000), STATE(GIVE_UP));
	assert_int_equal(sub.state, STATE(CLOSED));
	assert_int_equal(tick(&sub, 20000), STATE(NOTHING));
}

static void test_close(void **state)
{
	(void)state;
	struct buzz_negotiation sub = {0};
	change(&sub, 0);
	buzz_negotiation_close(&sub);
	assert_int_equal(good(&sub, 1, 1), STATE(REFUSE_STATE));
	assert_int_equal(tick(&sub, 5000), STATE(NOTHING));
	assert_int_equal(change(&sub, 5001), STATE(NOTHING));
	assert_int_equal(sub.version, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_cell),
	    cmocka_unit_test(test_offer_and_answer),
	    cmocka_unit_test(test_lost_offer),
	    cmocka_unit_test(test_late_answer),
	    cmocka_unit_test(test_answer_to_an_older_version),
	    cmocka_unit_test(test_changes_are_folded),
	    cmocka_unit_test(test_bad_answers),
	    cmocka_unit_test(test_a_good_answer_after_bad_ones),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
