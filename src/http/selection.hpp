// Which representation of a resource a request gets, and whether the client has it already (RFC
// 9110 sections 12.5.3 and 13.1.2).
#pragma once

#include <cstdint>
#include <string_view>

#include "http/head.hpp"

namespace heliograph::http {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip };

// The coding that the fields prefer, gzip when they like both as well. A client that says nothing
// gets the resource as it is, and so does one that accepts neither: it can do with that what it
// likes.
ContentCoding preferred_coding(const Fields& fields);

// Whether If-None-Match names `tag`, the entity-tag of the representation that would be sent, or
// any by "*". A weak one matches the strong one that it was made of.
bool none_match_names(const Fields& fields, std::string_view tag);

}  // namespace heliograph::http
