/**
 * @file xml.h  Bounded pull parser for the XML documents of SIP events
 *
 *	xml_init(&x, body, len);
 *	while (!(err = xml_next(&x)) && x.type != XML_EOF) {
 *		if (x.type == XML_START && xml_is(&x, NS, "contact"))
 *			...
 *	}
 *
 * In place: nothing is copied or changed, each struct pl points into the
 * document.  Well-formedness is checked as far as one pass with bounded
 * memory can (XML 1.0 2.1): tags match, attributes are unique, references and
 * characters are legal, UTF-8 is valid, one root element.  Refused, because
 * no event document needs them and others were hurt by them: DTDs, entities
 * beyond the five predefined, other encodings than UTF-8.  The first error
 * stays: xml_next() then returns it again.
 *
 *	EBADMSG    not well-formed, or refused
 *	EOVERFLOW  deeper than UE_XML_DEPTH_MAX, more namespace declarations
 *	           open than UE_XML_NS_MAX, longer than XML_LEN_MAX
 */
#ifndef XML_H
#define XML_H

#include <stdbool.h>
#include "ue/ue_config.h"
#include "ue/ue_re.h"

/** Attributes of one element; they are compared with each other */
#define XML_ATTRS_MAX 32

/** Longest document */
#define XML_LEN_MAX 65535

enum xml_type {
	XML_NONE = 0,
	XML_START,      /**< begin of an element: name, ns, attrs        */
	XML_END,        /**< its end, also of <a/>: name                 */
	XML_TEXT,       /**< character data or CDATA section, not empty  */
	XML_EOF         /**< the document was complete                   */
};

/** A namespace declaration; private */
struct xml_ns {
	uint16_t prefix;        /**< offset                              */
	uint16_t prefix_len;    /**< 0 = default namespace               */
	uint16_t uri;
	uint16_t uri_len;
	uint16_t depth;
};

struct xml {
	/* what xml_next() has found */
	enum xml_type type;
	struct pl name;         /**< local part                          */
	struct pl ns;           /**< namespace URI as written; l == 0: none */
	struct pl attrs;        /**< for xml_attr_next()                 */
	struct pl text;         /**< as written: xml_decode() it         */
	bool cdata;             /**< text is a CDATA section             */
	unsigned depth;         /**< of the element; the root's is 1     */

	/* private */
	const char *buf;
	size_t len;
	size_t pos;
	int err;
	bool empty;             /**< <a/>: its end comes next            */
	bool root;              /**< was seen                            */
	unsigned open;          /**< elements open                       */
	unsigned nsc;
	struct {
		uint16_t name;  /**< offset of the qualified name        */
		uint16_t len;
	} openv[UE_XML_DEPTH_MAX];
	struct xml_ns nsv[UE_XML_NS_MAX];
};

/** Begin.  buf stays the caller's and unchanged while x is used.  Errors
 *  (EBADMSG: no UTF-8; EOVERFLOW) come by the first xml_next() */
void xml_init(struct xml *x, const char *buf, size_t len);

/** Go on to the next begin, end or text.  @return 0, EBADMSG, EOVERFLOW */
int xml_next(struct xml *x);

/** XML_START or XML_END of this element?  Names are case-sensitive */
bool xml_is(const struct xml *x, const char *ns, const char *name);

/** After XML_START: go on to the end of this element.  x->type is XML_END
 *  then.  @return 0 or an error of xml_next() */
int xml_skip(struct xml *x);

/**
 * After XML_START, and after each element inside has been read to its end
 * (xml_skip(), xml_text()): go on to the next element inside
 *
 * @return 0; ENOENT: it was the last one, x->type is XML_END; or an error of
 *         xml_next()
 */
int xml_child(struct xml *x);

struct xml_attr {
	struct pl prefix;       /**< l == 0: none                        */
	struct pl name;         /**< local part                          */
	struct pl val;          /**< as written, without the quotes      */
};

/** Next attribute; rest = x->attrs at first.  Namespace declarations are left
 *  out.  @return 0 or ENOENT */
int xml_attr_next(struct xml_attr *attr, struct pl *rest);

/** Value, as written, of the attribute without prefix.  @return 0, ENOENT */
int xml_attr(struct pl *val, const struct xml *x, const char *name);

/** The same, without space around, decoded into text.
 *  @return 0, ENOENT, EOVERFLOW */
int xml_attr_str(char *str, size_t size, const struct xml *x,
		 const char *name);

/** Decimal attribute.  @return 0; ENOENT; EBADMSG no number or > 2^32-1 */
int xml_attr_u32(uint32_t *v, const struct xml *x, const char *name);

/**
 * After XML_START: the element's own text, decoded, without space around; on
 * to its end.  The text of elements inside is left out.
 *
 * @param str  Result, zero-terminated
 * @return 0; EOVERFLOW: did not fit: x->err is 0 then and parsing goes on
 *         behind the element; or an error of xml_next(), then x->err is set
 */
int xml_text(char *str, size_t size, struct xml *x);

/** Decode references (&lt; &#228; ...) of legal text
 *  @return 0, EOVERFLOW */
int xml_decode(char *str, size_t size, const struct pl *text);

#endif
