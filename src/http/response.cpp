#include "http/response.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "http/text.hpp"

namespace heliograph::http {

bool is_writable(const Field& field) {
  return is_token(field.name) && std::ranges::none_of(field.value, is_control);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

bool append_head(Buffer& output, int status, std::span<const Field> fields) {
  if (!std::ranges::all_of(fields, is_writable)) return false;
  output.append("HTTP/1.1 ");
  output.append(std::to_string(status));
  output.append(" ");
  output.append(reason_phrase(status));
  output.append("\r\n");
  for (const Field& field : fields) {
    output.append(field.name);
    output.append(": ");
    output.append(field.value);
    output.append("\r\n");
  }
  output.append("\r\n");
  return true;
}

bool append_response(Buffer& output, int status, std::span<const Field> fields,
                     std::string_view body, Body mode) {
  const std::string length = std::to_string(body.size());
  std::vector<Field> all(fields.begin(), fields.end());
  all.push_back({"Content-Length", length});
  if (!append_head(output, status, all)) return false;
  if (mode == Body::kSent) output.append(body);
  return true;
}

}  // namespace heliograph::http
