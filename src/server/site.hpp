// What the server answers over plain HTTPS: "OK" to everybody, and the demo pages when they are on.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.hpp"
#include "http/head.hpp"
#include "server/options.hpp"

namespace heliograph::server {

enum class AfterResponse : std::uint8_t { kKeepAlive, kClose };

// Appends the response to a request that is no WebSocket upgrade.
AfterResponse answer_request(const http::RequestHead& request, Demo demo, Buffer& response);

// By the ending of a file's name.
std::string_view media_type(std::string_view path);

// Appends a refusal: one line of text, and the connection ends after it.
void append_refusal(int status, std::string_view line, Buffer& response);

}  // namespace heliograph::server
