// SPDX-License-Identifier: GPL-2.0-only
/* Reading a document in parts of any size, with checks that json-c does not make */

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "reader.h"

/* Levels of a value: enough for any new member, and few enough for json-c, which recurses */
#define DEPTH_MAX	1000

/* Characters that a message quotes of a text that is not JSON */
#define QUOTE_MAX	40

/* Members that the document's object may have; the newest version has seven */
#define MEMBERS_MAX	1000

/*
 * Memory of a value that is parsed at once: json-c takes some 800 bytes for an object or
 * an array, and 100 for another value.  The text of the value is in a buffer here, in a buffer
 * of json-c, and in a string.  A buffer has at most twice the size of the text.
 */
#define CONTAINER_BYTES	800
#define VALUE_BYTES	100
#define TEXT_BYTES	5
#define PARSED_MAX	(8 * 1024 * 1024)

/* Largest buffers that are kept for the next value */
#define BUFFER_MAX	65536

/* Memory that may be kept of a document, beside its own size */
#define KEPT_MAX	(8 * 1024 * 1024)

/*
 * Texts around a value, which is parsed at the depth that it has in the document.  json-c
 * finds the end of a number only if something follows.
 */
static const char before_value[] = "{\"\":";
static const char behind_value[] = "}";
static const char before_element[] = "{\"\":[";
static const char behind_element[] = "]}";

/**
 * enum expected - the next thing in a document
 * @EXPECT_OBJECT: the document's object
 * @EXPECT_FIRST: a name, or the end of the object
 * @EXPECT_NAME: a name
 * @EXPECT_COLON: a colon
 * @EXPECT_VALUE: the value of a member
 * @EXPECT_FIRST_ELEMENT: an element, or the end of the array
 * @EXPECT_ELEMENT: an element
 * @EXPECT_NEXT_ELEMENT: a comma, or the end of the array
 * @EXPECT_NEXT: a comma, or the end of the object
 * @EXPECT_NOTHING: only space
 */
enum expected {
	EXPECT_OBJECT,
	EXPECT_FIRST,
	EXPECT_NAME,
	EXPECT_COLON,
	EXPECT_VALUE,
	EXPECT_FIRST_ELEMENT,
	EXPECT_ELEMENT,
	EXPECT_NEXT_ELEMENT,
	EXPECT_NEXT,
	EXPECT_NOTHING,
};

/**
 * struct position - a place in a text
 * @line: number of the line, from 1
 * @column: number of the byte in the line, from 1
 */
struct position {
	size_t line;
	size_t column;
};

/**
 * struct value - a name, a member's value or an element whose end did not come yet
 * @open: the value has begun
 * @text: before_value or before_element, and the bytes of the value so far
 * @prefix: length of before_value or before_element
 * @len: length of @text
 * @room: size of the buffer @text
 * @begin: place of its first byte
 * @depth: number of objects and arrays that are open in it
 * @scalar: it is neither an object, nor an array, nor a string
 * @in_string: a string is open in it
 * @escape: the last byte was a backslash in that string
 * @weight: bytes of memory that parsing takes
 */
struct value {
	bool open;
	char *text;
	size_t prefix;
	size_t len;
	size_t room;
	struct position begin;
	size_t depth;
	bool scalar;
	bool in_string;
	bool escape;
	size_t weight;
};

/**
 * struct reader - a document that is being read
 * @format: format of the document
 * @data: argument for the functions of @format
 * @tokener: parser of json-c
 * @expected: the next thing; if @value is open, the kind of @value
 * @value: value that is not at its end yet
 * @members: members of the document's object so far; the value of a string or an integer is
 *	kept, an array is empty, and any other value is null
 * @name: name of the last member, allocated
 * @number: number of the next element of the array
 * @at: place of the next byte
 * @size: bytes of the document so far
 * @kept: bytes of memory that are kept of the document
 * @wrong: sentence about the mistake in the document, allocated, or NULL
 * @not_json: sentence about the mistake if the document is not JSON, static, or NULL
 * @where: place of that mistake
 * @quote: text at that place
 * @num_quoted: number of bytes in @quote
 * @quoted: @quote is complete
 */
struct reader {
	const struct reader_format *format;
	void *data;
	json_tokener *tokener;
	enum expected expected;
	struct value value;
	json_object *members;
	char *name;
	size_t number;
	struct position at;
	size_t size;
	size_t kept;
	char *wrong;
	const char *not_json;
	struct position where;
	char quote[QUOTE_MAX + 1];
	size_t num_quoted;
	bool quoted;
};

static json_tokener *new_tokener(void)
{
	json_tokener *tokener = checked(json_tokener_new_ex(DEPTH_MAX));

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return tokener;
}

struct reader *reader_new(const struct reader_format *format, void *data)
{
	struct reader *reader = allocate(sizeof(*reader));

	reader->format = format;
	reader->data = data;
	reader->tokener = new_tokener();
	reader->members = new_object();
	reader->at = (struct position){ .line = 1, .column = 1 };
	return reader;
}

void *reader_data(struct reader *reader)
{
	return reader->data;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	reader->format->drop(reader->data);
	json_tokener_free(reader->tokener);
	json_object_put(reader->members);
	free(reader->value.text);
	free(reader->name);
	free(reader->wrong);
	free(reader);
}

const char *reader_text(struct reader *reader, const char *name)
{
	return get_text(reader->members, name);
}

bool reader_has_array(struct reader *reader, const char *name)
{
	json_object *value;

	return json_object_object_get_ex(reader->members, name, &value) &&
	       json_object_is_type(value, json_type_array);
}

static void set_wrong(struct reader *reader, const char *wrong)
{
	if (wrong && !reader->wrong)
		reader->wrong = duplicate(wrong);
}

void reader_keeps(struct reader *reader, size_t bytes)
{
	reader->kept += bytes;
	if (reader->kept > reader->size + KEPT_MAX)
		set_wrong(reader, "it has more elements than are expected of its size");
}

void reader_drops(struct reader *reader, size_t bytes)
{
	reader->kept -= bytes;
}

bool reader_sees(struct reader *reader, struct seen *seen, const char *name)
{
	size_t size = MEMBER_SIZE + strlen(name);

	if (!seen->names)
		seen->names = new_object();
	if (json_object_object_get_ex(seen->names, name, NULL))
		return false;
	add_member(seen->names, name, NULL);
	reader_keeps(reader, size);
	seen->size += size;
	return true;
}

void reader_forgets(struct reader *reader, struct seen *seen)
{
	json_object_put(seen->names);
	reader_drops(reader, seen->size);
	*seen = (struct seen){};
}

/* is_over - has the reader stopped after a mistake? */
static bool is_over(const struct reader *reader)
{
	return reader->wrong || reader->not_json;
}

static void move_on(struct position *position, char byte)
{
	position->column++;
	if (byte == '\n') {
		position->line++;
		position->column = 1;
	}
}

/* add_quote - quote the text after the place where the document is not JSON, up to its line end */
static void add_quote(struct reader *reader, const char *bytes, size_t len)
{
	for (; len && !reader->quoted; bytes++, len--) {
		if (!*bytes || *bytes == '\n' || reader->num_quoted == QUOTE_MAX)
			reader->quoted = true;
		else
			reader->quote[reader->num_quoted++] = *bytes;
	}
}

/* set_not_json - stop, because the document is not JSON from @where on */
static void set_not_json(struct reader *reader, const char *why, const struct position *where)
{
	reader->not_json = why;
	reader->where = *where;
}

/* not_expected - call set_not_json() for the next byte, with the words of json-c; false */
static bool not_expected(struct reader *reader, enum json_tokener_error error)
{
	set_not_json(reader, json_tokener_error_desc(error), &reader->at);
	return false;
}

/* count_members - count the members of an object and of all objects in it */
static size_t count_members(json_object *object)
{
	size_t num = 0, i;

	if (json_object_is_type(object, json_type_array)) {
		for (i = 0; i < json_object_array_length(object); i++)
			num += count_members(json_object_array_get_idx(object, i));
	} else if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, key, value) {
			(void)key;
			num += 1 + count_members(value);
		}
	}
	return num;
}

/**
 * check_members - find mistakes that json-c hides
 * @object: object that json-c made of @text
 * @text: valid JSON
 * @len: bytes in @text
 *
 * json-c keeps the last one of two members with the same name, but each has a colon in the
 * text.  json-c ends a name at a NUL.
 *
 * Return: NULL, or a sentence about the mistake, static.
 */
static const char *check_members(json_object *object, const char *text, size_t len)
{
	bool in_string = false;
	size_t colons = 0, i;

	for (i = 0; i < len; i++) {
		if (in_string && text[i] == '\\') {
			i++;
			if (len - i >= 5 && !memcmp(text + i, "u0000", 5))
				return "a string has a NUL";
		} else if (text[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && text[i] == ':') {
			colons++;
		}
	}
	return colons != count_members(object) ? "an object has a member twice" : NULL;
}

static void append(struct value *value, const char *bytes, size_t len)
{
	if (!value->text || value->room < value->len + len) {
		value->room = 2 * (value->len + len) + 1;
		value->text = checked(realloc(value->text, value->room));
	}
	memcpy(value->text + value->len, bytes, len);
	value->len += len;
}

/**
 * parse_text - let json-c parse a value
 * @reader: reader
 * @len: length of the text without behind_value or behind_element
 *
 * Return: an object that has the value; NULL if the value did not end, or is not JSON, and
 * then the reader has the reason.
 */
static json_object *parse_text(struct reader *reader, size_t len)
{
	struct value *value = &reader->value;
	enum json_tokener_error error;
	json_object *object;
	size_t end, i;

	json_tokener_reset(reader->tokener);
	object = json_tokener_parse_ex(reader->tokener, value->text, value->len);
	error = json_tokener_get_error(reader->tokener);
	end = json_tokener_get_parse_end(reader->tokener);
	/* If json-c does not have memory, it stops, and returns a part of the object */
	if (error == json_tokener_success && end != value->len)
		checked(NULL);
	if (error == json_tokener_success)
		return object;
	if (error == json_tokener_continue)
		return NULL;
	for (i = value->prefix; i < end && i < len; i++)
		move_on(&value->begin, value->text[i]);
	set_not_json(reader, json_tokener_error_desc(error), &value->begin);
	add_quote(reader, value->text + i, len - i);
	return NULL;
}

/* take_name - keep the name of a member, for the value that follows */
static void take_name(struct reader *reader, json_object *name)
{
	const char *text = json_object_get_string(name);

	if (json_object_object_get_ex(reader->members, text, NULL)) {
		set_wrong(reader, "an object has a member twice");
		return;
	}
	if (json_object_object_length(reader->members) == MEMBERS_MAX) {
		set_wrong(reader, "it has more members than are expected of a document");
		return;
	}
	free(reader->name);
	reader->name = duplicate(text);
	add_member(reader->members, text, NULL);
	reader->expected = EXPECT_COLON;
}

/* take_value - keep the value of a member if it is a string or an integer */
static void take_value(struct reader *reader, json_object *value)
{
	if (json_object_is_type(value, json_type_string) ||
	    json_object_is_type(value, json_type_int))
		add_member(reader->members, reader->name, json_object_get(value));
	reader->expected = EXPECT_NEXT;
}

static void take_element(struct reader *reader, json_object *array)
{
	reader->format->take(reader, reader->name, reader->number++,
			     json_object_array_get_idx(array, 0), reader->data);
	reader->expected = EXPECT_NEXT_ELEMENT;
}

/* in_array - is an element of an array expected? */
static bool in_array(enum expected expected)
{
	return expected == EXPECT_FIRST_ELEMENT || expected == EXPECT_ELEMENT;
}

/* in_name - is the name of a member expected? */
static bool in_name(enum expected expected)
{
	return expected == EXPECT_FIRST || expected == EXPECT_NAME;
}

/* hand_on - check a value that is JSON, and take it; it is the member "" of @object */
static void hand_on(struct reader *reader, json_object *object)
{
	const struct value *value = &reader->value;
	json_object *parsed;

	/* json-c accepts overlong characters and surrogates */
	if (!is_utf8(value->text, value->len))
		set_wrong(reader, "it is not UTF-8");
	set_wrong(reader, check_members(object, value->text, value->len));
	if (reader->wrong)
		return;
	json_object_object_get_ex(object, "", &parsed);
	if (in_array(reader->expected))
		take_element(reader, parsed);
	else if (in_name(reader->expected))
		take_name(reader, parsed);
	else
		take_value(reader, parsed);
}

/* end_value - parse a value that is at its end, and hand it on */
static void end_value(struct reader *reader)
{
	struct value *value = &reader->value;
	size_t len = value->len;
	json_object *object;

	value->open = false;
	if (in_array(reader->expected))
		append(value, behind_element, sizeof(behind_element) - 1);
	else
		append(value, behind_value, sizeof(behind_value) - 1);
	object = parse_text(reader, len);
	if (object)
		hand_on(reader, object);
	else if (!reader->not_json)
		not_expected(reader, json_tokener_error_parse_unexpected);
	json_object_put(object);
	if (value->room > BUFFER_MAX) {
		free(value->text);
		value->text = NULL;
		value->room = 0;
		json_tokener_free(reader->tokener);
		reader->tokener = new_tokener();
	}
}

/* refuse_large - refuse a value that takes too much memory, or is not JSON */
static void refuse_large(struct reader *reader)
{
	char *place;

	json_object_put(parse_text(reader, reader->value.len));
	if (reader->not_json)
		return;
	if (in_name(reader->expected))
		place = duplicate("the name of a member");
	else if (in_array(reader->expected))
		place = format_text("%s[%zu]", reader->name, reader->number);
	else
		place = format_text("its member %s", reader->name);
	reader->wrong = format_text("%s is larger than is expected of a document", place);
	free(place);
}

/* begin_value - begin a value before its first byte is added */
static void begin_value(struct reader *reader, char first)
{
	struct value *value = &reader->value;

	/* strchr() finds a NUL, too, which ends its string */
	if (strchr(",]}:", first)) {
		not_expected(reader, json_tokener_error_parse_unexpected);
		return;
	}
	value->open = true;
	value->begin = reader->at;
	value->depth = 0;
	value->scalar = !strchr("\"{[", first);
	value->in_string = false;
	value->escape = false;
	value->weight = 0;
	value->len = 0;
	if (in_array(reader->expected))
		append(value, before_element, sizeof(before_element) - 1);
	else
		append(value, before_value, sizeof(before_value) - 1);
	value->prefix = value->len;
}

/* ends_value - does a byte end a value that is not a scalar? */
static bool ends_value(struct value *value, char byte)
{
	if (value->in_string) {
		if (value->escape)
			value->escape = false;
		else if (byte == '\\')
			value->escape = true;
		else if (byte == '"')
			value->in_string = false;
		return !value->in_string && !value->depth;
	}
	switch (byte) {
	case '"':
		value->in_string = true;
		break;
	case '{':
	case '[':
		value->depth++;
		value->weight += CONTAINER_BYTES;
		break;
	case '}':
	case ']':
		value->depth--;
		break;
	case ',':
		value->weight += VALUE_BYTES;
		break;
	}
	return !value->in_string && !value->depth;
}

/* is_space - is a byte space between values? */
static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* add_byte - add a byte to a value; false if the byte is behind the value */
static bool add_byte(struct reader *reader, char byte)
{
	struct value *value = &reader->value;

	if (value->scalar && (is_space(byte) || byte == ',' || byte == ']' || byte == '}')) {
		end_value(reader);
		return false;
	}
	append(value, &byte, 1);
	value->weight += TEXT_BYTES;
	if (!value->scalar && ends_value(value, byte)) {
		end_value(reader);
		return true;
	}
	if (value->weight > PARSED_MAX)
		refuse_large(reader);
	return true;
}

/* expect - is @byte the byte @wanted?  If it is, @next is expected after it. */
static bool expect(struct reader *reader, char byte, char wanted, enum expected next)
{
	if (byte == wanted)
		reader->expected = next;
	return byte == wanted;
}

/* begin_element - begin an element, and return false; true at the end of the array */
static bool begin_element(struct reader *reader, char byte)
{
	if (reader->expected == EXPECT_FIRST_ELEMENT && expect(reader, byte, ']', EXPECT_NEXT))
		return true;
	begin_value(reader, byte);
	return false;
}

/* begin_name - begin the name of a member, as begin_element() begins an element */
static bool begin_name(struct reader *reader, char byte)
{
	if (reader->expected == EXPECT_FIRST && expect(reader, byte, '}', EXPECT_NOTHING))
		return true;
	if (byte == '"')
		begin_value(reader, byte);
	else if (byte == '}')
		not_expected(reader, json_tokener_error_parse_unexpected);
	else
		not_expected(reader, json_tokener_error_parse_object_key_name);
	return false;
}

/* begin_member - begin the value of a member, as begin_element() begins an element */
static bool begin_member(struct reader *reader, char byte)
{
	if (expect(reader, byte, '[', EXPECT_FIRST_ELEMENT)) {
		reader->number = 0;
		add_member(reader->members, reader->name, new_array());
		return true;
	}
	begin_value(reader, byte);
	return false;
}

/* take_byte - read a byte between values; false if a value begins with it, or it is wrong */
static bool take_byte(struct reader *reader, char byte)
{
	if (is_space(byte))
		return true;
	switch (reader->expected) {
	case EXPECT_OBJECT:
		if (expect(reader, byte, '{', EXPECT_FIRST))
			return true;
		set_not_json(reader, "a JSON object was expected", &reader->at);
		break;
	case EXPECT_FIRST:
	case EXPECT_NAME:
		return begin_name(reader, byte);
	case EXPECT_COLON:
		return expect(reader, byte, ':', EXPECT_VALUE) ||
		       not_expected(reader, json_tokener_error_parse_object_key_sep);
	case EXPECT_VALUE:
		return begin_member(reader, byte);
	case EXPECT_FIRST_ELEMENT:
	case EXPECT_ELEMENT:
		return begin_element(reader, byte);
	case EXPECT_NEXT_ELEMENT:
		return expect(reader, byte, ']', EXPECT_NEXT) ||
		       expect(reader, byte, ',', EXPECT_ELEMENT) ||
		       not_expected(reader, json_tokener_error_parse_array);
	case EXPECT_NEXT:
		return expect(reader, byte, '}', EXPECT_NOTHING) ||
		       expect(reader, byte, ',', EXPECT_NAME) ||
		       not_expected(reader, json_tokener_error_parse_object_value_sep);
	case EXPECT_NOTHING:
		/* Two documents in one file are not one document */
		set_not_json(reader, "something follows the JSON", &reader->at);
	}
	return false;
}

void reader_feed(struct reader *reader, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	while (bytes < end && !is_over(reader)) {
		if (!(reader->value.open ? add_byte(reader, *bytes) : take_byte(reader, *bytes)))
			continue;
		move_on(&reader->at, *bytes++);
		reader->size++;
	}
	if (reader->not_json)
		add_quote(reader, bytes, end - bytes);
}

/* check_format - return a sentence if the document has another format or version, or NULL */
static char *check_format(struct reader *reader)
{
	const struct reader_format *format = reader->format;
	const char *name = reader_text(reader, "format");
	json_object *version;
	int64_t number;

	if (!name || strcmp(name, format->format))
		return format_text("its format is %s: %s was expected", name ? name : "missing",
				   format->format);
	json_object_object_get_ex(reader->members, "format_version", &version);
	if (!json_object_is_type(version, json_type_int))
		return duplicate("its format_version is missing, or is not a number");
	number = json_object_get_int64(version);
	if (number < 1 || number > format->newest)
		return format_text("its format_version is %lld: %s%d was expected",
				   (long long)number, format->newest > 1 ? "1 to " : "",
				   format->newest);
	if (!reader_has_array(reader, format->array))
		return format_text("its array %s is missing", format->array);
	return NULL;
}

char *reader_end(struct reader *reader)
{
	char *quote, *wrong;

	if (!is_over(reader) && !reader->size)
		return duplicate("it is empty");
	if (!is_over(reader) && reader->expected != EXPECT_NOTHING) {
		/* A text that is not JSON gets the words of json-c, and not "too early" */
		if (reader->value.open)
			json_object_put(parse_text(reader, reader->value.len));
		if (!reader->not_json)
			set_not_json(reader, "the JSON ends too early", &reader->at);
	}
	if (reader->wrong)
		return duplicate(reader->wrong);
	if (!reader->not_json)
		return check_format(reader);
	quote = escaped(reader->quote);
	wrong = format_text("line %zu, column %zu: %s%s%s%s", reader->where.line,
			    reader->where.column, reader->not_json, *quote ? " at \"" : "", quote,
			    *quote ? "\"" : "");
	free(quote);
	return wrong;
}
