// Streams that RESP allows, with what they hold, and streams that break one rule each.
#pragma once

#include <string_view>

#include "resp/error.hpp"

namespace heliograph::resp {

struct Vector {
  std::string_view stream;
  std::string_view transcript;
};

// Streams that RESP2 and RESP3 allow. Most are the examples of RESP3.md.
inline constexpr Vector kGood[] = {
    {"+OK\r\n", "+\"OK\"\n"},
    {"+\r\n", "+\"\"\n"},
    {"-ERR this is the error description\r\n", "-\"ERR this is the error description\"\n"},
    {"$11\r\nhello world\r\n", "\"hello world\"\n"},
    {"$0\r\n\r\n", "\"\"\n"},
    {"$4\r\n\r\n\r\n\r\n", "\"\\x0d\\x0a\\x0d\\x0a\"\n"},
    {"$-1\r\n*-1\r\n_\r\n", "null\nnull\nnull\n"},
    {":1234\r\n:-1\r\n:+7\r\n:0\r\n", ":1234\n:-1\n:+7\n:0\n"},
    {":9223372036854775807\r\n:-9223372036854775808\r\n",
     ":9223372036854775807\n:-9223372036854775808\n"},
    {",1.23\r\n,10\r\n,-1e-7\r\n,+2.5\r\n", ",1.23\n,10\n,-1e-7\n,+2.5\n"},
    {",inf\r\n,-inf\r\n,nan\r\n", ",inf\n,-inf\n,nan\n"},
    {"#t\r\n#f\r\n", "true\nfalse\n"},
    {"(3492890328409238509324850943850943825024385\r\n(-1\r\n(+1\r\n",
     "(3492890328409238509324850943850943825024385\n(-1\n(+1\n"},
    {"!21\r\nSYNTAX invalid syntax\r\n", "!\"SYNTAX invalid syntax\"\n"},
    {"=15\r\ntxt:Some string\r\n", "txt\"Some string\"\n"},
    {"=4\r\nmkd:\r\n", "mkd\"\"\n"},
    {"*3\r\n:1\r\n:2\r\n:3\r\n", "*[:1, :2, :3]\n"},
    {"*2\r\n*3\r\n:1\r\n$5\r\nhello\r\n:2\r\n#f\r\n", "*[*[:1, \"hello\", :2], false]\n"},
    {"*0\r\n*1\r\n*0\r\n*2\r\n%0\r\n~0\r\n", "*[]\n*[*[]]\n*[%[], ~[]]\n"},
    {"%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n", "%[+\"first\", :1, +\"second\", :2]\n"},
    {"~5\r\n+orange\r\n+apple\r\n#t\r\n:100\r\n:999\r\n",
     "~[+\"orange\", +\"apple\", true, :100, :999]\n"},
    {">3\r\n+message\r\n+somechannel\r\n+this is the message\r\n",
     ">[+\"message\", +\"somechannel\", +\"this is the message\"]\n"},
    {">4\r\n+pubsub\r\n+message\r\n+c\r\n+m\r\n$9\r\nGet-Reply\r\n",
     ">[+\"pubsub\", +\"message\", +\"c\", +\"m\"]\n\"Get-Reply\"\n"},
    // Attributes: in front of an array, of an element, of a map's key and value, of a push; twice;
    // empty; described themselves; and never a reply of their own.
    {"|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n*2\r\n:"
     "2039123\r\n:"
     "9543892\r\n+OK\r\n",
     "|[+\"key-popularity\", %[\"a\", ,0.1923, \"b\", ,0.0012]] *[:2039123, :9543892]\n+\"OK\"\n"},
    {"*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n", "*[:1, :2, |[+\"ttl\", :3600] :3]\n"},
    {"%1\r\n|1\r\n+a\r\n:1\r\n+k\r\n|1\r\n+b\r\n:2\r\n+v\r\n:5\r\n",
     "%[|[+\"a\", :1] +\"k\", |[+\"b\", :2] +\"v\"]\n:5\n"},
    {"|1\r\n+a\r\n:1\r\n>1\r\n+p\r\n:9\r\n", "|[+\"a\", :1] >[+\"p\"]\n:9\n"},
    {"|1\r\n+a\r\n:1\r\n|1\r\n+b\r\n:2\r\n+v\r\n:9\r\n",
     "|[+\"a\", :1] |[+\"b\", :2] +\"v\"\n:9\n"},
    {"|0\r\n:1\r\n*1\r\n|0\r\n*0\r\n", "|[] :1\n*[|[] *[]]\n"},
    {"|1\r\n|1\r\n+in\r\n:0\r\n+k\r\n*1\r\n:4\r\n:1\r\n:2\r\n",
     "|[|[+\"in\", :0] +\"k\", *[:4]] :1\n:2\n"},
    // Streamed strings and aggregates.
    {"$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n:1\r\n", "\"Hello word\"\n:1\n"},
    {"$?\r\n;0\r\n", "\"\"\n"},
    {"*2\r\n$?\r\n;1\r\na\r\n;2\r\nbc\r\n;0\r\n+d\r\n", "*[\"abc\", +\"d\"]\n"},
    {"*?\r\n:1\r\n:2\r\n:3\r\n.\r\n:9\r\n", "*[:1, :2, :3]\n:9\n"},
    {"%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n", "%[+\"a\", :1, +\"b\", :2]\n"},
    {"~?\r\n.\r\n*1\r\n*?\r\n*?\r\n.\r\n*1\r\n:1\r\n.\r\n:2\r\n", "~[]\n*[*[*[], *[:1]]]\n:2\n"},
    {"*?\r\n|1\r\n+a\r\n:1\r\n:2\r\n.\r\n", "*[|[+\"a\", :1] :2]\n"},
    {"|1\r\n+a\r\n:1\r\n$?\r\n;1\r\nx\r\n;0\r\n", "|[+\"a\", :1] \"x\"\n"},
};

struct BadVector {
  std::string_view stream;
  Error error;
};

inline constexpr BadVector kBad[] = {
    {"x\r\n", Error::kUnknownType},
    {"\r\n", Error::kUnknownType},
    {"*1\r\nx", Error::kUnknownType},
    {"+a\rb\r\n", Error::kBadLineEnd},
    {"+a\nb\r\n", Error::kBadLineEnd},
    {"+a\r\r\n", Error::kBadLineEnd},
    {"+\n", Error::kBadLineEnd},
    {":1\n", Error::kBadLineEnd},
    {"$3\r\nfooXX", Error::kBulkNotTerminated},
    {"$3\r\nfoo\n\n", Error::kBulkNotTerminated},
    {"$3\r\nfoo\rX", Error::kBulkNotTerminated},
    {"$?\r\n;3\r\nfooXX", Error::kBulkNotTerminated},
    {":\r\n", Error::kBadInteger},
    {":abc\r\n", Error::kBadInteger},
    {":1a\r\n", Error::kBadInteger},
    {": 1\r\n", Error::kBadInteger},
    {":+-1\r\n", Error::kBadInteger},
    {":++1\r\n", Error::kBadInteger},
    {":-\r\n", Error::kBadInteger},
    {":9223372036854775808\r\n", Error::kBadInteger},
    {":-9223372036854775809\r\n", Error::kBadInteger},
    {",\r\n", Error::kBadDouble},
    {",1e400\r\n", Error::kBadDouble},
    {",0x1p3\r\n", Error::kBadDouble},
    {",nan(1)\r\n", Error::kBadDouble},
    {",infinity\r\n", Error::kBadDouble},
    {",+inf\r\n", Error::kBadDouble},
    {",INF\r\n", Error::kBadDouble},
    {",-nan\r\n", Error::kBadDouble},
    {",.5\r\n", Error::kBadDouble},
    {",1,5\r\n", Error::kBadDouble},
    {",--1\r\n", Error::kBadDouble},
    {",+-1\r\n", Error::kBadDouble},
    {",1 \r\n", Error::kBadDouble},
    {"(\r\n", Error::kBadBigNumber},
    {"(-\r\n", Error::kBadBigNumber},
    {"(abc\r\n", Error::kBadBigNumber},
    {"(1.5\r\n", Error::kBadBigNumber},
    {"(--1\r\n", Error::kBadBigNumber},
    {"#truthy\r\n", Error::kBadBoolean},
    {"#\r\n", Error::kBadBoolean},
    {"#T\r\n", Error::kBadBoolean},
    {"_x\r\n", Error::kBadNull},
    {"=0\r\n\r\n", Error::kBadVerbatim},
    {"=3\r\ntxt\r\n", Error::kBadVerbatim},
    {"=4\r\ntxt_\r\n", Error::kBadVerbatim},
    {">0\r\n", Error::kBadPush},
    {">1\r\n:1\r\n", Error::kBadPush},
    {">1\r\n*1\r\n+a\r\n", Error::kBadPush},
    {"*1\r\n>1\r\n+a\r\n", Error::kPushInsideAggregate},
    {"*?\r\n>1\r\n+a\r\n", Error::kPushInsideAggregate},
    {"|1\r\n+a\r\n>1\r\n+a\r\n", Error::kPushInsideAggregate},
    {">2\r\n+a\r\n>1\r\n+b\r\n", Error::kPushInsideAggregate},
    {";0\r\n", Error::kStrayStreamPart},
    {";3\r\nfoo\r\n", Error::kStrayStreamPart},
    {"*1\r\n;0\r\n", Error::kStrayStreamPart},
    {"$?\r\n:1\r\n", Error::kExpectedStreamPart},
    {"$?\r\n.\r\n", Error::kExpectedStreamPart},
    {"$?\r\n;1\r\na\r\n+b\r\n", Error::kExpectedStreamPart},
    {".\r\n", Error::kStrayStreamEnd},
    {"*1\r\n.\r\n", Error::kStrayStreamEnd},
    {"*?\r\n*1\r\n.\r\n", Error::kStrayStreamEnd},
    {"*?\r\n.x\r\n", Error::kStrayStreamEnd},
    {"*?\r\n|1\r\n+a\r\n:1\r\n.\r\n", Error::kStrayStreamEnd},
    {"%?\r\n+a\r\n.\r\n", Error::kOddMap},
    {"$-2\r\n", Error::kBadLength},
    {"!?\r\n", Error::kBadLength},
    {"=?\r\n", Error::kBadLength},
    {">?\r\n", Error::kBadLength},
    {"|?\r\n", Error::kBadLength},
    {"!-1\r\n", Error::kBadLength},
    {"=-1\r\n", Error::kBadLength},
    {"~-1\r\n", Error::kBadLength},
    {"%-1\r\n", Error::kBadLength},
    {">-1\r\n", Error::kBadLength},
    {"|-1\r\n", Error::kBadLength},
    {"$?\r\n;-1\r\n", Error::kBadLength},
    {"$?\r\n;?\r\n", Error::kBadLength},
};

}  // namespace heliograph::resp
