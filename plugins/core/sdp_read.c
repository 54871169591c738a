/* SPDX-License-Identifier: GPL-3.0-only */
/* Reads a session description (RFC 8866) line by line. DESIGN: the core has parsed and rewritten
 * the text before, but what stands in it is the client's, so nothing is trusted: sizes are bounded,
 * what would be repeated in an answer has no control characters, lines of no interest are passed
 * over. What is said about a payload type may come in any order, so it is gathered per m-line and
 * judged at the m-line's end. No state beyond the call; any thread. */
#include "sdp.h"
#include <string.h>

/* What an m-line says about one payload type. */
struct format {
	uint8_t payload_type;
	enum buzz_codec codec;
	const char *fmtp; /* inside the copy of the text, or NULL */
};

struct reader {
	struct buzz_sdp *sdp;
	struct buzz_sdp_section *section; /* the one being read, NULL above the first m-line */
	struct format formats[BUZZ_SDP_FORMATS_MAX];
	size_t format_count;
	bool bundle_only;
	unsigned int line; /* for error texts, from 1 */
	struct buzz_error *error;
};

static void section_free(struct buzz_sdp_section *section)
{
	g_free(section->protocol);
	g_free(section->formats);
	g_array_unref(section->codecs);
	g_array_unref(section->extensions);
	g_free(section);
}

static void codec_clear(struct buzz_sdp_codec *codec)
{
	g_free(codec->fmtp);
}

static void extension_clear(struct buzz_sdp_extension *extension)
{
	g_free(extension->uri);
}

static struct buzz_sdp_section *section_new(void)
{
	struct buzz_sdp_section *section = g_new0(struct buzz_sdp_section, 1);
	section->codecs = g_array_new(FALSE, FALSE, sizeof(struct buzz_sdp_codec));
	g_array_set_clear_func(section->codecs, (GDestroyNotify)codec_clear);
	section->extensions = g_array_new(FALSE, FALSE, sizeof(struct buzz_sdp_extension));
	g_array_set_clear_func(section->extensions, (GDestroyNotify)extension_clear);
	return section;
}

static int bad(const struct reader *reader, const char *why)
{
	return buzz_fail(reader->error, BUZZ_ERROR_BAD_SDP, "jsep", "line %u: %s", reader->line,
			 why);
}

/* A decimal number of digits only, followed by one of 'ends' or by the end of the text; moves *at
 * behind the digits. */
static bool read_number(const char **at, unsigned int max, const char *ends, unsigned int *number)
{
	const char *start = *at;
	unsigned int value = 0;
	for (; g_ascii_isdigit(**at); (*at)++) {
		value = value * 10 + (unsigned int)(**at - '0');
		if (value > max)
			return false;
	}
	*number = value;
	return *at > start && (**at == '\0' || strchr(ends, **at) != NULL);
}

/* Cuts the next word off *at; "" at the end. */
static char *next_word(char **at)
{
	char *word = *at;
	char *space = strchr(word, ' ');
	if (space == NULL) {
		*at += strlen(word);
		return word;
	}
	*space = '\0';
	*at = space + 1;
	return word;
}

static struct format *find_format(struct reader *reader, unsigned int payload_type)
{
	for (size_t i = 0; i < reader->format_count; i++)
		if (reader->formats[i].payload_type == payload_type)
			return &reader->formats[i];
	return NULL;
}

/* Does a parameter of an fmtp ("a=1;b=2") have this value? When it is absent: 'absent'. */
static bool parameter_is(const char *fmtp, const char *name, const char *value, bool absent)
{
	if (fmtp == NULL)
		return absent;
	bool is = absent;
	g_auto(GStrv) parameters = g_strsplit(fmtp, ";", -1);
	for (char **parameter = parameters; *parameter; parameter++) {
		char *equals = strchr(*parameter, '=');
		if (equals == NULL)
			continue;
		*equals = '\0';
		if (g_ascii_strcasecmp(g_strstrip(*parameter), name) == 0)
			is = strcmp(g_strstrip(equals + 1), value) == 0;
	}
	return is;
}

static bool forwardable(const struct format *format, enum buzz_media media)
{
	if (format->codec == BUZZ_CODEC_NONE || buzz_codec_media(format->codec) != media)
		return false;
	switch (format->codec) {
	case BUZZ_CODEC_VP9: /* RFC 9628 section 7: no profile-id is profile 0 */
		return parameter_is(format->fmtp, "profile-id", "0", true);
	case BUZZ_CODEC_H264: /* RFC 6184 section 8.1: no packetization-mode is mode 0 */
		return parameter_is(format->fmtp, "packetization-mode", "1", false);
	case BUZZ_CODEC_AV1: /* AOM RTP payload format 1.0: no profile is profile 0 */
		return parameter_is(format->fmtp, "profile", "0", true);
	default:
		return true;
	}
}

/* Judges what was gathered about the m-line that ends here. */
static void end_section(struct reader *reader)
{
	struct buzz_sdp_section *section = reader->section;
	if (section == NULL)
		return;
	/* RFC 9143 section 6: port 0 here means 'on the bundle's transport', not 'rejected' */
	if (reader->bundle_only)
		section->rejected = false;
	if (section->kind != BUZZ_SDP_AUDIO && section->kind != BUZZ_SDP_VIDEO)
		return;
	enum buzz_media media = section->kind == BUZZ_SDP_AUDIO ? BUZZ_AUDIO : BUZZ_VIDEO;
	for (size_t i = 0; i < reader->format_count; i++) {
		const struct format *format = &reader->formats[i];
		if (!forwardable(format, media))
			continue;
		struct buzz_sdp_codec codec = {format->codec, format->payload_type,
					       g_strdup(format->fmtp)};
		g_array_append_val(section->codecs, codec);
	}
}

static int read_payload_types(struct reader *reader, const char *formats)
{
	for (const char *at = formats; *at; at++) {
		unsigned int payload_type;
		if (!read_number(&at, 127, " ", &payload_type))
			return bad(reader, "broken payload type");
		if (find_format(reader, payload_type) == NULL) {
			if (reader->format_count == BUZZ_SDP_FORMATS_MAX)
				return bad(reader, "too many payload types");
			reader->formats[reader->format_count++] =
			    (struct format){.payload_type = (uint8_t)payload_type};
		}
		if (*at == '\0')
			break;
	}
	return BUZZ_OK;
}

static enum buzz_sdp_kind kind_from_name(const char *name)
{
	if (strcmp(name, "audio") == 0)
		return BUZZ_SDP_AUDIO;
	if (strcmp(name, "video") == 0)
		return BUZZ_SDP_VIDEO;
	return strcmp(name, "application") == 0 ? BUZZ_SDP_APPLICATION : BUZZ_SDP_OTHER;
}

/* m=<media> <port>[/<ports>] <protocol> <formats>, RFC 8866 section 5.14 */
static int read_media(struct reader *reader, char *value)
{
	end_section(reader);
	if (reader->sdp->sections->len == BUZZ_SDP_SECTIONS_MAX)
		return bad(reader, "too many m-lines");
	struct buzz_sdp_section *section = section_new();
	g_ptr_array_add(reader->sdp->sections, section);
	reader->section = section;
	reader->format_count = 0;
	reader->bundle_only = false;

	section->kind = kind_from_name(next_word(&value));
	const char *port = next_word(&value);
	unsigned int number;
	if (!read_number(&port, 65535, "/", &number))
		return bad(reader, "broken port");
	section->rejected = number == 0;
	const char *protocol = next_word(&value);
	if (*protocol == '\0' || *value == '\0')
		return bad(reader, "an m-line without protocol or formats");
	section->protocol = g_strdup(protocol);
	section->formats = g_strdup(value);
	if (section->kind == BUZZ_SDP_AUDIO || section->kind == BUZZ_SDP_VIDEO)
		return read_payload_types(reader, value);
	return BUZZ_OK;
}

bool buzz_sdp_mid_valid(const char *mid)
{
	size_t length = 0;
	for (; mid[length]; length++)
		if (length == BUZZ_MID_MAX ||
		    !(g_ascii_isalnum(mid[length]) || strchr("!#$%&'*+-.^_`{|}~", mid[length])))
			return false;
	return length > 0;
}

static int read_mid(struct reader *reader, char *value)
{
	if (!buzz_sdp_mid_valid(value))
		return bad(reader, "a mid must be 1 to 16 characters of a token");
	if (reader->section->mid[0] != '\0')
		return bad(reader, "a second mid");
	for (guint i = 0; i < reader->sdp->sections->len; i++) {
		const struct buzz_sdp_section *other = reader->sdp->sections->pdata[i];
		if (strcmp(other->mid, value) == 0)
			return bad(reader, "another m-line has this mid");
	}
	g_strlcpy(reader->section->mid, value, sizeof(reader->section->mid));
	return BUZZ_OK;
}

/* a=rtpmap:<payload type> <encoding>/<clock rate>[/<channels>], RFC 8866 section 6.6 */
static int read_rtpmap(struct reader *reader, char *value)
{
	const char *number = next_word(&value);
	char *slash = strchr(value, '/');
	unsigned int payload_type, rate;
	if (!read_number(&number, 127, "", &payload_type) || slash == NULL)
		return bad(reader, "broken rtpmap");
	*slash = '\0';
	number = slash + 1;
	if (!read_number(&number, 1000000000, "/", &rate))
		return bad(reader, "broken rtpmap");
	struct format *format = find_format(reader, payload_type);
	enum buzz_codec codec = buzz_codec_from_name(value);
	if (format != NULL && codec != BUZZ_CODEC_NONE && rate == buzz_codec_clock_rate(codec))
		format->codec = codec;
	return BUZZ_OK;
}

/* a=fmtp:<format> <parameters>, RFC 8866 section 6.15; the format of an application m-line is no
 * number */
static int read_fmtp(struct reader *reader, char *value)
{
	const char *number = next_word(&value);
	unsigned int payload_type;
	if (!read_number(&number, 127, "", &payload_type) || *value == '\0')
		return BUZZ_OK;
	struct format *format = find_format(reader, payload_type);
	if (format != NULL)
		format->fmtp = value;
	return BUZZ_OK;
}

static bool direction_from_name(const char *name, enum buzz_direction *direction)
{
	static const char *const names[] = {
	    [BUZZ_SENDRECV] = "sendrecv",
	    [BUZZ_SENDONLY] = "sendonly",
	    [BUZZ_RECVONLY] = "recvonly",
	    [BUZZ_INACTIVE] = "inactive",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*direction = (enum buzz_direction)i;
			return true;
		}
	}
	return false;
}

/* a=extmap:<id>[/<direction>] <uri> [<attributes>], RFC 8285 section 8 */
static int read_extmap(struct reader *reader, char *value)
{
	GArray *extensions = reader->section->extensions;
	struct buzz_sdp_extension extension = {.direction = BUZZ_SENDRECV};
	const char *at = next_word(&value);
	unsigned int id;
	if (!read_number(&at, 65535, "/", &id))
		return bad(reader, "broken extmap");
	if (*at == '/' && !direction_from_name(at + 1, &extension.direction))
		return bad(reader, "broken extmap");
	const char *uri = next_word(&value);
	if (*uri == '\0')
		return bad(reader, "broken extmap");
	/* RFC 8285 section 4.3: an element's id is one byte; larger numbers only stand for ones yet
	 * to be agreed on */
	if (id < 1 || id > 255)
		return BUZZ_OK;
	if (extensions->len == BUZZ_SDP_EXTENSIONS_MAX)
		return bad(reader, "too many header extensions");
	extension.id = (uint8_t)id;
	extension.uri = g_strdup(uri);
	g_array_append_val(extensions, extension);
	return BUZZ_OK;
}

static int read_attribute(struct reader *reader, char *name)
{
	static const struct {
		const char *name;
		int (*read)(struct reader *reader, char *value);
	} attributes[] = {
	    {"mid", read_mid},
	    {"rtpmap", read_rtpmap},
	    {"fmtp", read_fmtp},
	    {"extmap", read_extmap},
	};
	if (reader->section == NULL || direction_from_name(name, &reader->section->direction))
		return BUZZ_OK;
	if (strcmp(name, "bundle-only") == 0)
		reader->bundle_only = true;
	char *colon = strchr(name, ':');
	if (colon == NULL)
		return BUZZ_OK;
	*colon = '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
		if (strcmp(name, attributes[i].name) != 0)
			continue;
		if (strlen(colon + 1) > BUZZ_SDP_LINE_MAX)
			return bad(reader, "the line is too long");
		return attributes[i].read(reader, colon + 1);
	}
	return BUZZ_OK;
}

static int read_line(struct reader *reader, char *line)
{
	size_t length = strlen(line);
	if (length > 0 && line[length - 1] == '\r')
		line[--length] = '\0';
	if (++reader->line == 1 && strcmp(line, "v=0") != 0)
		return bad(reader, "the first line must be v=0");
	if (length == 0)
		return BUZZ_OK;
	for (size_t i = 0; i < length; i++)
		if (g_ascii_iscntrl(line[i]))
			return bad(reader, "a control character");
	if (line[1] != '=')
		return bad(reader, "not a line of a session description");
	if (line[0] == 'm')
		return length > BUZZ_SDP_LINE_MAX ? bad(reader, "the line is too long")
						  : read_media(reader, line + 2);
	return line[0] == 'a' ? read_attribute(reader, line + 2) : BUZZ_OK;
}

static int read_lines(struct reader *reader, char *text)
{
	int code = BUZZ_OK;
	for (char *line = text; line != NULL && code == BUZZ_OK;) {
		char *end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		code = read_line(reader, line);
		line = end;
	}
	if (code == BUZZ_OK)
		end_section(reader);
	return code;
}

int buzz_sdp_read(struct buzz_sdp **sdp, const char *text, struct buzz_error *error)
{
	struct reader reader = {.error = error};
	*sdp = NULL;
	if (strnlen(text, BUZZ_SDP_BYTES_MAX + 1) > BUZZ_SDP_BYTES_MAX)
		return buzz_fail(error, BUZZ_ERROR_BAD_SDP, "jsep", "must be at most %d bytes long",
				 BUZZ_SDP_BYTES_MAX);
	reader.sdp = g_new0(struct buzz_sdp, 1);
	reader.sdp->sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
	g_autofree char *copy = g_strdup(text);
	int code = read_lines(&reader, copy);
	if (code != BUZZ_OK) {
		buzz_sdp_free(reader.sdp);
		return code;
	}
	*sdp = reader.sdp;
	return BUZZ_OK;
}

void buzz_sdp_free(struct buzz_sdp *sdp)
{
	if (sdp == NULL)
		return;
	g_ptr_array_unref(sdp->sections);
	g_free(sdp);
}

bool buzz_sdp_is_channel(const struct buzz_sdp_section *section)
{
	return section->kind == BUZZ_SDP_APPLICATION && !section->rejected &&
	       strcmp(section->protocol, "UDP/DTLS/SCTP") == 0 &&
	       strcmp(section->formats, "webrtc-datachannel") == 0;
}

const struct buzz_sdp_codec *buzz_sdp_choose(const struct buzz_sdp_section *section)
{
	if (section->rejected || section->codecs->len == 0)
		return NULL;
	return &g_array_index(section->codecs, struct buzz_sdp_codec, 0);
}
