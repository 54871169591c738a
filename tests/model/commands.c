/* SPDX-License-Identifier: GPL-3.0-only */
/* Commands, likely and unlikely ones. Requests are made as JSON and read by buzz_request_read, so
 * that the room sees what a client could send, and nothing else. */
#include "commands.h"
#include <string.h>

#define MIDS 6 /* m-lines a PUB may have: the even ones audio, the odd ones video */

static uint32_t roll(struct world *world, uint32_t n)
{
	return world->dice.below(world->dice.data, n);
}

/* True once in n times. */
static bool once_in(struct world *world, uint32_t n)
{
	return roll(world, n) == n - 1;
}

struct world *world_new(struct dice dice)
{
	static const struct buzz_room_key key = {.tenant = "school.example", .room = "maths"};
	struct world *world = g_new0(struct world, 1);
	buzz_settings_defaults(&world->settings);
	world->settings.max_participants = 5;
	world->settings.max_streams = 4;
	world->settings.audio_slots = world->settings.video_slots = 2;
	world->settings.slot_step = 2;
	world->settings.max_slots = 7;
	g_strlcpy(world->settings.reports_folder, "/nowhere", sizeof(world->settings.reports_folder));
	world->settings.report_interval_ms = 0;
	world->settings.relay_max_bytes = 400;
	world->settings.relay_max_channel_bytes = 500;
	world->settings.relay_rate = 1;
	world->settings.relay_burst = 4;
	world->settings.relay_receive = 2000;
	world->settings.seat_ms = 15000;
	world->room = buzz_room_new(&key, &world->settings);
	world->dice = dice;
	world->now_ms = 1000;
	world->story = g_string_new(NULL);
	clients_init(&world->clients);
	for (int i = 0; i < CLIENTS; i++)
		client_renew(&world->clients.all[i], ++world->next_handle);
	return world;
}

void world_free(struct world *world)
{
	buzz_room_free(world->room);
	clients_clear(&world->clients);
	g_string_free(world->story, TRUE);
	g_free(world);
}

/* Some client; one that is gone is replaced by a fresh one. */
static struct client *any_client(struct world *world)
{
	struct client *client = &world->clients.all[roll(world, CLIENTS)];
	if (client->role == CLIENT_GONE)
		client_renew(client, ++world->next_handle);
	return client;
}

/* Nearly always one of this role, if there is one. */
static struct client *client_of_role(struct world *world, enum client_role role)
{
	struct client *client = any_client(world);
	for (int i = 0; i < CLIENTS && client->role != role; i++)
		client = any_client(world);
	return once_in(world, 16) ? any_client(world) : client;
}

/* --- descriptions
 * -------------------------------------------------------------------------------------------------
 */

static void any_codecs(struct world *world, struct described *line)
{
	line->codec_count = once_in(world, 16) ? 0 : 1 + roll(world, 2);
	for (size_t i = 0; i < line->codec_count; i++)
		line->codecs[i] =
		    line->media == BUZZ_AUDIO ? BUZZ_CODEC_OPUS : BUZZ_CODEC_VP8 + roll(world, 4);
	if (line->codec_count == 2 && line->codecs[0] == line->codecs[1])
		line->codec_count = 1;
}

static GArray *any_offer(struct world *world)
{
	GArray *lines = g_array_new(FALSE, TRUE, sizeof(struct described));
	guint count = once_in(world, 8) ? roll(world, MIDS) : MIDS;
	guint first = once_in(world, 16) ? roll(world, MIDS) : 0;
	for (guint i = 0; i < count; i++) {
		guint mid = (first + i) % MIDS;
		struct described line = {.media = mid % 2 ? BUZZ_VIDEO : BUZZ_AUDIO,
					 .direction = BUZZ_SENDONLY};
		g_snprintf(line.mid, sizeof(line.mid), "%u", mid);
		line.rejected = once_in(world, 32);
		if (once_in(world, 16))
			line.direction = (enum buzz_direction)roll(world, 4);
		line.codec_count = 1;
		line.codecs[0] = line.media == BUZZ_AUDIO ? BUZZ_CODEC_OPUS : BUZZ_CODEC_VP8;
		if (once_in(world, 8))
			any_codecs(world, &line);
		g_array_append_val(lines, line);
	}
	return lines;
}

static GArray *any_answer(struct world *world, const struct client *client)
{
	GArray *lines = g_array_new(FALSE, TRUE, sizeof(struct described));
	if (client->lines)
		g_array_append_vals(lines, client->lines->data, client->lines->len);
	bool picky = once_in(world, 4);
	for (guint i = 0; picky && i < lines->len; i++) {
		struct described *line = &g_array_index(lines, struct described, i);
		line->rejected = once_in(world, 8);
		if (once_in(world, 8))
			line->direction = (enum buzz_direction)roll(world, 4);
		if (once_in(world, 8))
			any_codecs(world, line);
	}
	if (lines->len > 1 && once_in(world, 12))
		g_array_remove_index(lines, roll(world, lines->len));
	if (lines->len > 0 && once_in(world, 16))
		g_array_index(lines, struct described, roll(world, lines->len)).mid[0] = 'x';
	return lines;
}

/* --- requests
 * -----------------------------------------------------------------------------------------------------
 */

/* What the reader would refuse (a sound without its screen) is not made. */
static void add_streams(struct world *world, GString *json)
{
	static const char *const kinds[] = {"microphone", "camera",	  "microphone",
					    "screen",	  "screen_audio", "camera"};
	const char *separator = "";
	bool screen = false;
	g_string_append(json, "\"streams\":[");
	for (guint mid = 0; mid < MIDS; mid++) {
		bool shown = roll(world, 5) < 3 && (mid != 4 || screen);
		screen |= mid == 3 && shown;
		const char *kind = kinds[mid == 4	      ? mid
					 : once_in(world, 64) ? roll(world, 4)
							      : mid];
		if (mid == 3)
			kind = kinds[mid];
		if (!shown)
			continue;
		/* now and then a stream goes on under another name */
		g_string_append_printf(
		    json, "%s{\"stream\":\"s%u%s\",\"kind\":\"%s\",\"mid\":\"%u\",\"muted\":%s",
		    separator, mid, mid != 3 && once_in(world, 8) ? "b" : "", kind, mid,
		    once_in(world, 4) ? "true" : "false");
		if (mid == 3 && once_in(world, 2))
			g_string_append_printf(json, ",\"title\":\"T%u\"", roll(world, 3));
		g_string_append_printf(json, "%s}", mid == 4 ? ",\"of\":\"s3\"" : "");
		separator = ",";
	}
	g_string_append(json, "]");
}

static void add_link(struct world *world, GString *json)
{
	g_string_append_printf(json, "\"link\":\"link-%u-0123456789\"", roll(world, 8));
}

#define ROOM "\"v\":1,\"tenant\":\"school.example\",\"room\":\"maths\""

/* Of somebody who is in, often; somebody else's or an old one, now and then. */
static void add_seat(struct world *world, GString *json)
{
	const GPtrArray *all = world->room->participants;
	if (all->len == 0)
		return;
	const struct buzz_participant *one = all->pdata[roll(world, all->len)];
	const struct buzz_participant *other =
	    once_in(world, 8) ? all->pdata[roll(world, all->len)] : one;
	g_string_append_printf(json, "\"id\":\"%s\",\"seat\":\"%s%s\",", one->id, other->seat,
			       once_in(world, 8) ? "x" : "");
}

static void add_join(struct world *world, GString *json)
{
	g_string_append_printf(json, "\"join\"," ROOM ",\"display\":\"D%u\",", roll(world, 3));
	if (!once_in(world, 8)) {
		add_link(world, json);
		g_string_append(json, ",");
	}
	if (once_in(world, 3))
		add_seat(world, json);
	add_streams(world, json);
}

static void add_subscribe(struct world *world, GString *json)
{
	g_string_append(json, "\"subscribe\"," ROOM ",");
	if (once_in(world, 2)) {
		add_link(world, json);
	} else {
		unsigned id = world->joins ? world->joins - roll(world, MIN(world->joins, 6)) : 1;
		unsigned seat = once_in(world, 8) ? roll(world, 9) : id;
		g_string_append_printf(json, "\"id\":\"p%u\",\"seat\":\"seat-p%u-0123456789\"", id,
				       seat);
	}
	if (once_in(world, 3))
		g_string_append_printf(json, ",\"from\":\"p%u\"", 1 + roll(world, world->joins + 1));
	if (once_in(world, 4))
		g_string_append(json, ",\"codecs\":[\"opus\",\"vp8\"]");
	if (once_in(world, 8))
		g_string_append(json, ",\"rtx\":false,\"codecs\":[\"h264\"]");
}

static void add_answer(struct world *world, GString *json, const struct client *client)
{
	uint32_t version = once_in(world, 12) ? 1 + roll(world, 4) : MAX(client->version, 1);
	g_string_append_printf(json, "\"answer\",\"version\":%u", version);
}

static void add_log(struct world *world, GString *json)
{
	const struct buzz_report *report = world->room->report;
	g_string_append_printf(json,
			       "\"log\",\"report\":\"%s\",\"part\":%u,\"last\":%s,\"offset_ms\":0,\"error_ms\":1,"
			       "\"entries\":[{\"time\":1,\"level\":\"info\",\"kind\":\"ice\",\"text\":\"line\"}]",
			       report ? report->id : "none", once_in(world, 4), once_in(world, 2) ? "true" : "false");
}

static void add_relay(struct world *world, GString *json)
{
	g_string_append_printf(json, ",\"event\":\"%s\"", once_in(world, 2) ? "joined" : "x");
	if (once_in(world, 2))
		g_string_append_printf(json, ",\"data\":\"%0*u\"", 1 + (int)roll(world, 600), 0);
}

static char *any_request(struct world *world, enum buzz_request_type type,
			 const struct client *client)
{
	GString *json = g_string_new("{\"request\":");
	switch (type) {
	case BUZZ_REQUEST_JOIN:
		add_join(world, json);
		break;
	case BUZZ_REQUEST_PUBLISH:
		g_string_append(json, "\"publish\",");
		add_streams(world, json);
		break;
	case BUZZ_REQUEST_LEAVE:
		g_string_append(json, "\"leave\"");
		break;
	case BUZZ_REQUEST_SUBSCRIBE:
		add_subscribe(world, json);
		break;
	case BUZZ_REQUEST_ANSWER:
		add_answer(world, json, client);
		break;
	case BUZZ_REQUEST_CLOCK:
		g_string_append(json, "\"clock\"");
		break;
	case BUZZ_REQUEST_REPORT:
		g_string_append(json, "\"report\",\"text\":\"No sound\"");
		break;
	case BUZZ_REQUEST_LOG:
		add_log(world, json);
		break;
	case BUZZ_REQUEST_READ_REPORT:
		g_string_append(json, "\"read_report\",\"report\":\"r1\",\"offset\":0");
		break;
	case BUZZ_REQUEST_BROADCAST:
	case BUZZ_REQUEST_ALL:
		g_string_append(json, type == BUZZ_REQUEST_ALL ? "\"all\"" : "\"broadcast\"");
		add_relay(world, json);
		break;
	case BUZZ_REQUEST_DIRECT:
		g_string_append_printf(json, "\"direct\",\"to\":\"p%u\"", 1 + roll(world, world->joins + 1));
		add_relay(world, json);
		break;
	case BUZZ_REQUEST_RESTART:
		g_string_append(json, "\"restart\"");
		break;
	case BUZZ_REQUEST_SYNC:
		g_string_append(json, "\"sync\"");
		break;
	}
	g_string_append(json, "}");
	return g_string_free(json, FALSE);
}

/* --- steps
 * --------------------------------------------------------------------------------------------------------
 */

/* Runs a command. Returns its effects, which the clients have noted already. */
static GArray *run(struct world *world, struct buzz_command *command)
{
	GArray *effects = buzz_effects_new();
	command->now_ms = world->now_ms;
	buzz_room_step(world->room, command, effects);
	for (guint i = 0; i < effects->len; i++)
		client_note(&world->clients, &g_array_index(effects, struct buzz_effect, i));
	return effects;
}

/* The error code that answers a request, 0 if it was accepted, -1 if it waits. */
static int outcome(const GArray *effects, const char *transaction)
{
	for (guint i = 0; i < effects->len; i++) {
		const struct buzz_effect *effect = &g_array_index(effects, struct buzz_effect, i);
		if (g_strcmp0(effect->transaction, transaction) == 0)
			return (int)json_integer_value(json_object_get(effect->body, "error_code"));
	}
	return -1;
}

/* As many got a relayed message as its sender was told. */
static bool reached_rightly(const GArray *effects, const char *transaction)
{
	json_int_t told = -1, reached = 0;
	for (guint i = 0; i < effects->len; i++) {
		const struct buzz_effect *effect = &g_array_index(effects, struct buzz_effect, i);
		const char *name = json_string_value(json_object_get(effect->body, "buzz"));
		reached += g_strcmp0(name, "relay") == 0;
		if (g_strcmp0(effect->transaction, transaction) == 0)
			told = json_integer_value(json_object_get(effect->body, "reached"));
	}
	return told == reached;
}

static const char *judge(struct world *world, struct client *client, enum buzz_request_type type,
			 int code, guint effects)
{
	if (code == -1) {
		if (type != BUZZ_REQUEST_SUBSCRIBE || client->role != CLIENT_FRESH || effects > 0)
			return "a request has no answer";
		client->role = CLIENT_WAITING;
		return NULL;
	}
	world->accepted[type] += code == 0;
	world->refused[type] += code > 0;
	world->given_up += code == BUZZ_ERROR_NEGOTIATION_FAILED;
	/* an answer that was refused may bring the open offer again, or the end of SUB */
	guint most = type == BUZZ_REQUEST_ANSWER && code == BUZZ_ERROR_NEGOTIATION_FAILED ? 3
		     : type == BUZZ_REQUEST_ANSWER					  ? 2
											  : 1;
	if (code > 0 && effects > most)
		return "a refused request has effects";
	return NULL;
}

static bool has_sdp(struct world *world, enum buzz_request_type type)
{
	switch (type) {
	case BUZZ_REQUEST_JOIN:
	case BUZZ_REQUEST_ANSWER:
		return !once_in(world, 16);
	case BUZZ_REQUEST_PUBLISH:
		return once_in(world, 2);
	default:
		return once_in(world, 32);
	}
}

/* Gives the command a description, and notes on the client what it says if it is an answer. */
static void add_sdp(struct world *world, struct buzz_command *command, enum buzz_request_type type,
		    struct client *client)
{
	bool answer = type == BUZZ_REQUEST_ANSWER;
	command->sdp_is_offer = answer == once_in(world, 32);
	GArray *lines = answer ? any_answer(world, client) : any_offer(world);
	g_autofree char *text = describe_write(lines);
	g_assert(buzz_sdp_read(&command->sdp, text, NULL) == 0);
	g_string_append(world->story, text);
	if (client->reply)
		g_array_unref(client->reply);
	client->reply = lines;
}

static const char *ask(struct world *world, enum buzz_request_type type, struct client *client)
{
	static const struct buzz_simulcast simulcast[] = {
	    {.mid = "1", .count = 3, .rids = {"h", "m", "l"}},
	    {.mid = "3", .count = 2, .rids = {"h", "l"}},
	};
	if (client->role == CLIENT_WAITING && client->asked[0])
		return NULL; /* one transaction at a time is all the clients can keep apart */
	g_autofree char *json = any_request(world, type, client);
	g_string_append_printf(world->story, "request on %d: %s\n", (int)client->handle, json);
	json_t *body = json_loads(json, 0, NULL);
	struct buzz_request *request = NULL;
	int code = buzz_request_read(&request, body, NULL);
	json_decref(body);
	if (code)
		return NULL; /* as one mid for two kinds: the room never sees it */
	char id[BUZZ_ID_MAX + 1], seat[BUZZ_SEAT_MAX + 1];
	g_snprintf(id, sizeof(id), "p%u", world->joins + 1);
	g_snprintf(seat, sizeof(seat), "seat-%s-0123456789", id);
	g_snprintf(client->asked, sizeof(client->asked), "t%u", ++world->requests);
	g_autofree char *transaction = g_strdup(client->asked);
	struct buzz_command command = {.type = BUZZ_COMMAND_REQUEST,
				       .handle = client->handle,
				       .transaction = transaction,
				       .request = request,
				       .simulcast = simulcast,
				       .simulcast_count = roll(world, 3),
				       .new_id = id,
				       .new_seat = seat};
	if (has_sdp(world, type))
		add_sdp(world, &command, type, client);
	g_autoptr(GArray) effects = run(world, &command);
	buzz_sdp_free(command.sdp);
	buzz_request_free(request);
	code = outcome(effects, transaction);
	if (code == 0 && type >= BUZZ_REQUEST_BROADCAST && type <= BUZZ_REQUEST_DIRECT &&
	    !reached_rightly(effects, transaction))
		return "not as many got a message as were counted";
	world->joins += type == BUZZ_REQUEST_JOIN && code == 0;
	world->returned += type == BUZZ_REQUEST_JOIN && code == 0 && strcmp(client->id, id) != 0;
	return judge(world, client, type, code, effects->len);
}

static const char *happen(struct world *world, enum buzz_command_type type, struct client *client)
{
	struct buzz_command command = {.type = type, .handle = client->handle};
	if (once_in(world, 32))
		command.handle = 1000000 + roll(world, 4);
	g_string_append_printf(world->story, "command %d on %d\n", (int)type, (int)command.handle);
	bool is_client = command.handle == client->handle;
	if (type == BUZZ_COMMAND_MEDIA_UP && is_client && client->role == CLIENT_SUB)
		client->up = true;
	if (type == BUZZ_COMMAND_CHANNEL_READY && is_client && client->role == CLIENT_PUB)
		client->channel = !client->hung_up_ms;
	bool inside = client->role != CLIENT_FRESH && client->role != CLIENT_GONE;
	bool waits = type == BUZZ_COMMAND_HANGUP && client->role == CLIENT_PUB;
	if (is_client && waits)
		client_hung_up(client, world->now_ms);
	g_autoptr(GArray) effects = run(world, &command);
	if (!is_client && effects->len > 0)
		return "what happens to a stranger has effects";
	bool ends = type == BUZZ_COMMAND_HANGUP || type == BUZZ_COMMAND_DETACH;
	if (ends && is_client && inside && !waits && client->role != CLIENT_GONE)
		return "a handle has ended and is not forgotten";
	return NULL;
}

/* Whether somebody's PUB ended some time ago and the room still has it. */
static bool forgot_a_hangup(const struct world *world)
{
	for (int i = 0; i < CLIENTS; i++) {
		const struct client *client = &world->clients.all[i];
		if (client->role == CLIENT_PUB && client->hung_up_ms &&
		    world->now_ms - client->hung_up_ms >= BUZZ_HANGUP_MS)
			return true;
	}
	return false;
}

static const char *tick(struct world *world)
{
	static const int64_t steps[] = {0, 100, 1000, 1000, 1000, 3000, 5000, 10000};
	world->now_ms += steps[roll(world, G_N_ELEMENTS(steps))];
	struct buzz_heard heard[CLIENTS + 1];
	size_t count = 0;
	for (int i = 0; i < CLIENTS; i++) {
		if (once_in(world, 6))
			continue;
		int64_t ago = once_in(world, 4) ? roll(world, 20000) : 0;
		struct client *client = &world->clients.all[i];
		int64_t heard_ms = MAX(0, world->now_ms - ago);
		client->packets = MAX(client->packets, (uint64_t)heard_ms / 20);
		heard[count++] = (struct buzz_heard){.handle = client->handle,
						     .heard_ms = heard_ms,
						     .audio_packets = client->packets};
	}
	heard[count++] = (struct buzz_heard){.handle = 1000000, .heard_ms = world->now_ms};
	struct buzz_command command = {
	    .type = BUZZ_COMMAND_TICK, .heard = heard, .heard_count = count};
	g_string_append_printf(world->story, "tick at %d, %d heard\n", (int)world->now_ms,
			       (int)count);
	g_autoptr(GArray) effects = run(world, &command);
	for (guint i = 0; i < effects->len; i++) {
		const json_t *body = g_array_index(effects, struct buzz_effect, i).body;
		world->given_up += json_integer_value(json_object_get(body, "error_code")) ==
				   BUZZ_ERROR_NEGOTIATION_FAILED;
	}
	if (forgot_a_hangup(world))
		return "a PeerConnection ended and its participant is still there";
	return NULL;
}

/* Some client whose channel is open, if chance finds one: the core has none for others to speak on. */
static struct client *client_with_channel(struct world *world)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct client *client = &world->clients.all[roll(world, CLIENTS)];
		if (client->role == CLIENT_PUB && client->channel)
			return client;
	}
	return NULL;
}

/* A message on a data channel, well formed or not. */
static const char *say(struct world *world, struct client *client)
{
	static const enum buzz_request_type types[] = {
	    BUZZ_REQUEST_BROADCAST, BUZZ_REQUEST_ALL, BUZZ_REQUEST_DIRECT, BUZZ_REQUEST_LEAVE};
	if (!client)
		return tick(world);
	g_autofree char *json = any_request(world, types[roll(world, G_N_ELEMENTS(types))], client);
	size_t length = strlen(json) - once_in(world, 8);
	struct buzz_request *request = NULL;
	struct buzz_error error = {0};
	char id[BUZZ_MESSAGE_ID_MAX + 1];
	buzz_request_read_text(&request, json, length, id, &error);
	g_string_append_printf(world->story, "message on %d: %s\n", (int)client->handle, json);
	struct buzz_command command = {.type = BUZZ_COMMAND_REQUEST,
				       .handle = client->handle,
				       .request = request,
				       .refusal = &error,
				       .by_channel = true,
				       .message_id = once_in(world, 2) ? "m" : ""};
	g_autoptr(GArray) effects = run(world, &command);
	buzz_request_free(request);
	return NULL;
}

static const char *any_command(struct world *world)
{
	static const enum buzz_request_type about_reports[] = {BUZZ_REQUEST_CLOCK, BUZZ_REQUEST_REPORT,
							       BUZZ_REQUEST_LOG, BUZZ_REQUEST_LOG,
							       BUZZ_REQUEST_READ_REPORT};
	switch (roll(world, 44)) {
	case 40 ... 43:
		return ask(world, about_reports[roll(world, G_N_ELEMENTS(about_reports))],
			   client_of_role(world, CLIENT_PUB));
	case 32 ... 33:
		return ask(world, BUZZ_REQUEST_BROADCAST + roll(world, 3),
			   client_of_role(world, CLIENT_PUB));
	case 34:
		return happen(world, BUZZ_COMMAND_CHANNEL_READY, client_of_role(world, CLIENT_PUB));
	case 35 ... 36:
		return say(world, client_with_channel(world));
	case 0 ... 3:
		return ask(world, BUZZ_REQUEST_JOIN, client_of_role(world, CLIENT_FRESH));
	case 4 ... 7:
		return ask(world, BUZZ_REQUEST_SUBSCRIBE, client_of_role(world, CLIENT_FRESH));
	case 8 ... 12:
		return ask(world, BUZZ_REQUEST_PUBLISH, client_of_role(world, CLIENT_PUB));
	case 13 ... 17:
		return ask(world, BUZZ_REQUEST_ANSWER, client_of_role(world, CLIENT_SUB));
	case 18 ... 19:
		return happen(world, BUZZ_COMMAND_MEDIA_UP, client_of_role(world, CLIENT_SUB));
	case 20 ... 21:
		return happen(world, BUZZ_COMMAND_MEDIA_UP, client_of_role(world, CLIENT_PUB));
	case 24:
		return ask(world, BUZZ_REQUEST_RESTART, client_of_role(world, CLIENT_SUB));
	case 25:
		return ask(world, BUZZ_REQUEST_SYNC,
			   client_of_role(world, once_in(world, 2) ? CLIENT_SUB : CLIENT_PUB));
	case 22:
		return ask(world, BUZZ_REQUEST_LEAVE, client_of_role(world, CLIENT_PUB));
	case 23:
		return happen(world, once_in(world, 2) ? BUZZ_COMMAND_HANGUP : BUZZ_COMMAND_DETACH,
			      any_client(world));
	default:
		return tick(world);
	}
}

const char *world_step(struct world *world)
{
	g_string_truncate(world->story, 0);
	const char *wrong = any_command(world);
	if (!wrong)
		wrong = buzz_room_check(world->room);
	if (!wrong)
		client_check(&world->clients, world->room);
	if (!wrong && world->clients.complaint[0])
		wrong = world->clients.complaint;
	if (!wrong && buzz_room_count(world->room) > 0 &&
	    buzz_room_is_over(world->room, G_MAXINT64))
		wrong = "a room with people in it is over";
	return wrong;
}
