/* SPDX-License-Identifier: GPL-3.0-only */
/* Many people join, publish, subscribe and vanish at random, at awkward moments, for
 * BUZZ_RACE_SECONDS (default 8), while media flows. DESIGN: each person is a thread that only acts;
 * what the plugin sends back is checked and answered in the hooks (watch.h), on the plugin's
 * threads. BUZZ_RACE_SEED makes the same choices again, though not the same run. */
#include "fakeloop.h"
#include "peer.h"
#include "watch.h"
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEOPLE 14 /* even */
#define ROOMS 5
#define LOOPS 2
#define POOL 3
#define SETTLE_MS 20000 /* for everything to end; sanitizers are slow */

/* By person, odd or even: an m-line keeps its media and its number of layers for life. */
#define SPECS 9
static const char *const specs[2][SPECS] = {{"", "a", "as", "asd", "aS", "aSd", "a-d", "Asdv", "asdV"},
					    {"", "v", "va", "vas", "V", "Va", "VaS", "vA", "vass"}};

/* What the loop thread and the hooks need to know of a handle. */
struct side {
	atomic_int spec;          /* PUB: what it sends now */
	atomic_bool silent;       /* PUB: sends nothing */
	atomic_bool keyframes[PEER_TRACKS];
	struct peer_track tracks[PEER_TRACKS]; /* loop thread */
	unsigned loop_seed, hook_seed;
	uint32_t next_seq; /* SUB: hooks */
	unsigned logs;     /* PUB: hooks; requests they made */
	bool set_up;       /* hooks */
};

#define HOOK_ASKS 1000000 /* the numbers of what hooks ask on PUB start here; below are the person's */

static atomic_bool over;
static atomic_int plis, asked, messages;
static pthread_mutex_t clients_lock = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *clients;

static bool chance(unsigned *seed, int percent)
{
	return rand_r(seed) % 100 < percent;
}

static void nap(unsigned *seed, int max_ms)
{
	usleep((useconds_t)(rand_r(seed) % (max_ms * 1000)));
}

static struct side *side_of(const struct fake_handle *handle)
{
	return ((struct client *)handle->user)->more;
}

/* --- loop threads: media
 * -------------------------------------------------------------------------- */

static void send_rtp(struct fake_handle *handle, struct side *side)
{
	const struct client *client = handle->user;
	const char *spec = specs[client->person % 2][atomic_load(&side->spec)];
	struct peer_tag tag = {client->room, client->person};
	for (int i = 0; spec[i]; i++) {
		uint8_t buffer[PEER_PACKET];
		for (int n = chance(&side->loop_seed, 40) ? peer_burst(spec[i]) : 0; n > 0; n--) {
			janus_plugin_rtp packet = {.mindex = i, .buffer = (char *)buffer};
			packet.video = g_ascii_tolower(spec[i]) != 'a';
			packet.length = (uint16_t)peer_packet(&side->tracks[i], spec[i],
							      &side->keyframes[i], tag, buffer);
			create()->incoming_rtp(&handle->janus, &packet);
		}
	}
}

static void send_rtcp(struct fake_handle *handle, struct side *side, int percent)
{
	uint8_t buffer[PEER_PLI];
	if (!chance(&side->loop_seed, percent))
		return;
	peer_pli(buffer);
	janus_plugin_rtcp packet = {.mindex = rand_r(&side->loop_seed) % 8, .video = TRUE, .buffer = (char *)buffer,
				    .length = sizeof(buffer)};
	create()->incoming_rtcp(&handle->janus, &packet);
	atomic_fetch_add(&asked, 1);
}

/* A message on the data channel, now and then one that makes no sense; and the core has room again. */
static void talk(struct fake_handle *handle, struct side *side)
{
	static const char *const texts[] = {"{\"request\":\"broadcast\",\"event\":\"x\",\"data\":[1,2,3]}",
					       "{\"request\":\"all\",\"event\":\"left\",\"id\":\"m\"}",
					       "{\"request\":\"direct\",\"to\":\"nobody\",\"event\":\"x\"}", "{"};
	if (!chance(&side->loop_seed, 3))
		return;
	const char *text = texts[rand_r(&side->loop_seed) % 4];
	janus_plugin_data packet = {.label = (char *)"buzz", .buffer = (char *)text, .length = (uint16_t)strlen(text)};
	create()->incoming_data(&handle->janus, &packet);
	if (chance(&side->loop_seed, 50))
		create()->data_ready(&handle->janus);
}

static void on_data(struct fake_handle *handle, const janus_plugin_data *packet)
{
	json_t *body = json_loadb(packet->buffer, packet->length, 0, NULL);
	const char *name = json_string_value(json_object_get(body, "buzz"));
	if (!name || (strcmp(name, "relay") != 0 && strcmp(name, "relayed") != 0 && strcmp(name, "error") != 0))
		fake_fail("handle %d: '%.*s' over the data channel", handle->number, packet->length, packet->buffer);
	json_decref(body);
	atomic_fetch_add(&messages, 1);
}

static void on_idle(struct fake_handle *handle)
{
	struct side *side = side_of(handle);
	bool is_pub = ((const struct client *)handle->user)->is_pub;
	if (is_pub && atomic_load(&side->silent))
		return;
	if (is_pub)
		send_rtp(handle, side);
	if (is_pub)
		talk(handle, side);
	send_rtcp(handle, side, is_pub ? 2 : 10);
}

static void on_pli(struct fake_handle *handle, int mindex)
{
	if (mindex < 0 || mindex >= PEER_TRACKS)
		fake_fail("handle %d: a PLI for m-line %d", handle->number, mindex);
	atomic_store(&side_of(handle)->keyframes[mindex], true);
	atomic_fetch_add(&plis, 1);
}

/* --- the plugin's threads: answers
 * ------------------------------------------------------------------ */

static void ask(struct fake_handle *handle, unsigned number, unsigned note, json_t *body, json_t *jsep)
{
	char transaction[40];
	watch_transaction(transaction, sizeof(transaction), handle, number, note);
	fake_message(handle, transaction, body, jsep);
}

static void on_offer(struct fake_handle *handle, struct side *side, uint32_t version, const char *sdp)
{
	unsigned *seed = &side->hook_seed;
	if (chance(seed, 8))
		return; /* never answered: it will come again */
	bool bad = chance(seed, 5), wrong = chance(seed, 5);
	uint32_t seq = side->next_seq++;
	if (chance(seed, 3))
		side->next_seq++; /* one is lost: the others wait for it */
	if (!side->set_up && chance(seed, 30)) { /* the core may be faster than its pool */
		side->set_up = true;
		fake_setup(handle);
	}
	ask(handle, seq, 0, peer_numbered(peer_answer(version + wrong), seq),
	    bad ? peer_bad_answer() : peer_answer_to(sdp));
}

/* What somebody does who is told of a report. Without numbers: those are the person's. */
static void on_report(struct fake_handle *handle, struct side *side, const char *name, const char *report)
{
	if (strcmp(name, "collect") == 0 && chance(&side->hook_seed, 90))
		ask(handle, HOOK_ASKS + ++side->logs, 0, peer_log(report), NULL);
	else if (strcmp(name, "reported") == 0)
		ask(handle, HOOK_ASKS + ++side->logs, 0, peer_read_report(report), NULL);
}

static void on_event(struct fake_handle *handle, const char *transaction, json_t *body, json_t *jsep)
{
	struct side *side = side_of(handle);
	watch_event(handle, transaction, body, jsep);
	const char *name = json_string_value(json_object_get(body, "buzz"));
	if (jsep && chance(&side->hook_seed, 50))
		nap(&side->hook_seed, 30); /* candidates are being gathered */
	if (chance(&side->hook_seed, 1))
		fake_detach(handle);
	if (strcmp(name, "offer") == 0) {
		on_offer(handle, side, (uint32_t)json_integer_value(json_object_get(body, "version")),
			 json_string_value(json_object_get(jsep, "sdp")));
		return;
	}
	on_report(handle, side, name, json_string_value(json_object_get(body, "report")));
	if (transaction && (strcmp(name, "published") == 0 || strcmp(name, "joined") == 0))
		atomic_store(&side->spec, (int)watch_note(transaction));
	bool ready = strcmp(name, "answered") == 0 || (jsep && strcmp(name, "joined") == 0);
	if (ready && !side->set_up && chance(&side->hook_seed, 95)) {
		side->set_up = true;
		fake_setup(handle);
	}
}

static void on_close(struct fake_handle *handle)
{
	fake_hangup(handle);
}

/* --- people
 * ------------------------------------------------------------------------------------------- */

struct person {
	unsigned seed;
	uint32_t number;
	uint8_t room;
	struct fake_handle *pub, *sub;
	uint32_t seq;
	unsigned asked;
};

static struct fake_handle *attach(struct person *person, bool is_pub)
{
	struct client *client = client_new(is_pub, person->room, person->number);
	struct side *side = g_new0(struct side, 1);
	side->loop_seed = (unsigned)rand_r(&person->seed);
	side->hook_seed = (unsigned)rand_r(&person->seed);
	side->next_seq = 2;
	client->more = side;
	pthread_mutex_lock(&clients_lock);
	g_ptr_array_add(clients, client);
	pthread_mutex_unlock(&clients_lock);
	return fake_attach(client);
}

static void ask_pub(struct person *person, unsigned note, json_t *body, json_t *jsep)
{
	person->seq++;
	ask(person->pub, ++person->asked, note, peer_numbered(body, person->seq), jsep);
}

static unsigned any_spec(struct person *person)
{
	return (unsigned)rand_r(&person->seed) % SPECS;
}

static const char *spec_of(const struct person *person, unsigned spec)
{
	return specs[person->number % 2][spec];
}

static void join(struct person *person)
{
	char room[16], link[40];
	g_snprintf(room, sizeof(room), "/room%d", person->room);
	g_snprintf(link, sizeof(link), "link-of-person-%u", person->number);
	bool sub_first = chance(&person->seed, 50);
	if (sub_first)
		ask(person->sub, 1, 0, peer_numbered(peer_subscribe(room, link), 1), NULL);
	if (chance(&person->seed, 5)) /* overtakes the join, and waits for it */
		ask(person->pub, ++person->asked, 0, peer_numbered(peer_request("leave"), 2), NULL);
	unsigned spec = any_spec(person);
	const char *streams = spec_of(person, spec);
	ask_pub(person, spec, peer_join(room, "Somebody", link, streams), streams[0] ? peer_offer(streams) : NULL);
	if (!sub_first && chance(&person->seed, 95))
		ask(person->sub, 1, 0, peer_numbered(peer_subscribe(room, link), 1), NULL);
}

static void act(struct person *person)
{
	unsigned spec = any_spec(person);
	switch (rand_r(&person->seed) % 11) {
	case 10:
		ask_pub(person, spec, peer_report(), NULL);
		break;
	case 8:
		ask(person->pub, ++person->asked, 0, peer_request("sync"), NULL);
		break;
	case 9:
		ask(person->sub, ++person->asked, 1, peer_request(chance(&person->seed, 50) ? "sync" : "restart"),
		    NULL);
		break;
	case 0:
		ask_pub(person, spec, peer_request("nonsense"), NULL);
		break;
	case 1:
		if (chance(&person->seed, 20))
			person->seq++; /* one is lost */
		break;
	case 2:
		ask(person->pub, ++person->asked, 0, peer_numbered(peer_publish(""), person->seq), NULL); /* again */
		break;
	case 3:
		atomic_store(&side_of(person->pub)->silent, true); /* long enough to be missed, sometimes to be put out */
		nap(&person->seed, 2000);
		atomic_store(&side_of(person->pub)->silent, false);
		break;
	default:
		ask_pub(person, spec, peer_publish(spec_of(person, spec)), peer_offer(spec_of(person, spec)));
	}
}

static void go(struct person *person)
{
	if (chance(&person->seed, 20))
		fake_detach(person->sub);
	if (chance(&person->seed, 40))
		ask_pub(person, 0, peer_request("leave"), NULL);
	else if (chance(&person->seed, 30))
		fake_hangup(person->pub);
	if (chance(&person->seed, 50))
		nap(&person->seed, 50);
	fake_detach(person->pub);
	fake_detach(person->sub);
	fake_handle_unref(person->pub);
	fake_handle_unref(person->sub);
}

static void *live(void *data)
{
	struct person *person = data;
	for (uint32_t life = 0; !atomic_load(&over); life++) {
		person->number += PEOPLE;
		person->room = (uint8_t)(rand_r(&person->seed) % ROOMS);
		person->seq = 0;
		person->pub = attach(person, true);
		person->sub = attach(person, false);
		if (chance(&person->seed, 95))
			join(person);
		for (int i = rand_r(&person->seed) % 12; i > 0 && !atomic_load(&over); i--) {
			nap(&person->seed, chance(&person->seed, 15) ? 1500 : 60);
			act(person);
		}
		go(person);
	}
	return NULL;
}

/* --- the run
 * -------------------------------------------------------------------------------------------- */

/* %s: the folder. */
static const char settings[] = "general: { workers = 2; }\n"
			       "rooms: { linger = 0.05; max_participants = 8; max_rooms = 4; }\n"
			       "liveness: { timeout = 1; interrupted = 0.5; interrupted_audio = 0.5; seat = 0.3; }\n"
			       "slots: { audio_slots = 1; video_slots = 1; slot_step = 1; max_slots = 6; }\n"
			       "negotiation: { offer_timeout = 0.5; }\n"
			       "media: { keyframe_interval = 0.1; }\n"
			       "reports: { folder = \"%s\"; deadline = 1; min_interval = 0; max_reports = 100000; }\n";
static char *folder; /* settings and reports */

static void start(void)
{
	folder = g_dir_make_tmp("buzz-race-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(folder, "janus.plugin.buzz.jcfg", NULL);
	g_autofree char *text = g_strdup_printf(settings, folder);
	if (!folder || !g_file_set_contents(file, text, -1, NULL) || create()->init(fake_callbacks(), folder))
		fake_fail("init: %s", fake_log);
}

/* Removes the folder. Only whole reports are in it. */
static void remove_folder(void)
{
	GDir *directory = g_dir_open(folder, 0, NULL);
	for (const char *name; (name = g_dir_read_name(directory));) {
		g_autofree char *file = g_build_filename(folder, name, NULL);
		if (!g_str_has_suffix(name, ".json") && !g_str_has_suffix(name, ".jcfg"))
			fake_fail("%s is left", name);
		g_unlink(file);
	}
	g_dir_close(directory);
	g_rmdir(folder);
	g_free(folder);
}

static void wait_for_end(void)
{
	json_t *request = json_pack("{s:s}", "request", "summary"), *summary = NULL;
	int64_t deadline = g_get_monotonic_time() + SETTLE_MS * 1000;
	int left = 1;
	while (left > 0) {
		json_decref(summary);
		summary = create()->handle_admin_message(request);
		int rooms, participants, sessions;
		if (json_unpack(summary, "{s:i, s:i, s:i}", "rooms", &rooms, "participants", &participants, "sessions",
				&sessions))
			fake_fail("the summary is incomplete");
		left = rooms + participants + sessions;
		if (left > 0 && g_get_monotonic_time() > deadline)
			fake_fail("%d rooms, %d participants, %d sessions stay", rooms, participants, sessions);
		usleep(10000);
	}
	json_decref(summary);
	json_decref(request);
}

static void free_client(void *data)
{
	g_free(((struct client *)data)->more);
	client_free(data);
}

static void at_least(const char *what, long count, long least)
{
	if (count < least)
		fake_fail("only %ld %s: the run has tested nothing", count, what);
	printf("%ld %s, ", count, what);
}

static void report(size_t packets)
{
	at_least("handles", (long)clients->len, 20);
	at_least("joins", atomic_load(&watch_counts.joins), 10);
	at_least("left events", atomic_load(&watch_counts.lefts), 10);
	at_least("changes of streams", atomic_load(&watch_counts.streams), 10);
	at_least("offers", atomic_load(&watch_counts.offers), 10);
	at_least("later offers", atomic_load(&watch_counts.later_offers), 2);
	at_least("answers", atomic_load(&watch_counts.answers), 5);
	at_least("slots", atomic_load(&watch_counts.slots), 20);
	at_least("interruptions", atomic_load(&watch_counts.interruptions), 1);
	at_least("reports", atomic_load(&watch_counts.reports), 1);
	at_least("reports read", atomic_load(&watch_counts.report_parts), 1);
	at_least("PLIs asked for", atomic_load(&asked), 20);
	at_least("PLIs sent", atomic_load(&plis), 10);
	at_least("messages over channels", atomic_load(&messages), 20);
	at_least("packets relayed", (long)packets, 500);
	printf("%d errors:", atomic_load(&watch_counts.errors));
	for (int i = 0; i < 100; i++) {
		if (atomic_load(&watch_counts.errors_by_code[i]))
			printf(" %d x%d", 400 + i, atomic_load(&watch_counts.errors_by_code[i]));
	}
	printf("\n");
}

/* GLib's memory pools hide from the sanitizers who freed what; it decides before main whether it
 * uses them. */
static void run_without_slices(char **arguments)
{
	if (g_getenv("G_SLICE"))
		return;
	g_setenv("G_SLICE", "always-malloc", TRUE);
	execv("/proc/self/exe", arguments);
	fake_fail("cannot start again without slices");
}

int main(int count, char **arguments)
{
	(void)count;
	run_without_slices(arguments);
	const char *seconds = g_getenv("BUZZ_RACE_SECONDS"), *seed = g_getenv("BUZZ_RACE_SEED");
	unsigned first = seed ? (unsigned)strtoul(seed, NULL, 10) : (unsigned)g_get_real_time();
	struct person people[PEOPLE];
	pthread_t threads[PEOPLE];
	printf("BUZZ_RACE_SEED=%u\n", first);
	fflush(stdout);
	clients = g_ptr_array_new_with_free_func(free_client);
	fake_hooks = (struct fake_hooks){on_event, watch_packet, on_data, on_pli, on_close};
	start();
	fake_threads_start(LOOPS, POOL, on_idle);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		people[i] = (struct person){.seed = first + i, .number = i};
		pthread_create(&threads[i], NULL, live, &people[i]);
	}
	g_usleep((gulong)(seconds ? strtod(seconds, NULL) : 8) * 1000000);
	atomic_store(&over, true);
	for (int i = 0; i < PEOPLE; i++)
		pthread_join(threads[i], NULL);
	fake_threads_stop();
	wait_for_end();
	create()->destroy();
	remove_folder();
	report(watch_packets_end());
	fake_core_end();
	g_ptr_array_unref(clients);
	return 0;
}
