#include "server/site.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "http/response.hpp"
#include "http/selection.hpp"
#include "server/embedded_files.hpp"

namespace heliograph::server {

namespace {

constexpr std::string_view kDemoRoot = "/demo/";

struct MediaType {
  std::string_view ending;
  std::string_view type;
};

constexpr MediaType kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

constexpr std::string_view kTutorial = "tutorial/";
constexpr std::string_view kNotFoundPage = "demo/not-found.html";

// The pages load nothing from elsewhere, speak to this server only ('self' includes its WebSocket),
// and no text of anybody can become a script. Of what a browser can give a page they may ask for
// camera, microphone and screen.
constexpr http::Field kPageFields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
     "require-trusted-types-for 'script'; trusted-types 'none'"},
    {"Permissions-Policy",
     "camera=(self), microphone=(self), display-capture=(self), accelerometer=(), geolocation=(), "
     "gyroscope=(), magnetometer=(), midi=(), payment=(), publickey-credentials-get=(), usb=(), "
     "xr-spatial-tracking=()"},
    {"Cache-Control", "no-cache"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

// Of web/ are served: the tutorial's page below tutorial/, the demo's page, and beside it the
// modules of the client. What else is there belongs to others.
const EmbeddedFile* find_page(std::string_view path) {
  std::string name(path.substr(kDemoRoot.size()));
  if (name.empty() || name.ends_with('/')) name += "index.html";
  if (name.starts_with(kTutorial)) return find_embedded_file(name);
  const EmbeddedFile* const page = find_embedded_file("demo/" + name);
  const bool is_module = !name.contains('/') && name.ends_with(".js");
  return page == nullptr && is_module ? find_embedded_file(name) : page;
}

bool has_body(const http::RequestHead& request) {
  const http::Field* const length = request.fields.find("Content-Length");
  return request.fields.find("Transfer-Encoding") != nullptr ||
         (length != nullptr && length->value != "0");
}

class Responder {
 public:
  Responder(const http::RequestHead& request, Buffer& response)
      : response_(response),
        body_(request.method == "HEAD" ? http::Body::kLeftOut : http::Body::kSent) {
    // A body is not read, so that what follows the head could not be told from a next request.
    if (request.minor_version == 0 || request.fields.has_token("Connection", "close") ||
        has_body(request)) {
      after_ = AfterResponse::kClose;
      fields_.push_back({"Connection", "close"});
    }
  }

  AfterResponse respond(int status, std::string_view type, std::string_view body,
                        std::span<const http::Field> fields = {}) {
    fields_.push_back({"Content-Type", type});
    fields_.insert(fields_.end(), fields.begin(), fields.end());
    return end(http::append_response(response_, status, fields_, body, body_));
  }

  // 200, or 304 to a client that has the same already. It may keep the page, and asks each time.
  AfterResponse respond_with_page(const EmbeddedFile& page, const http::Fields& asked) {
    const bool gzip = http::preferred_coding(asked) == http::ContentCoding::kGzip;
    const EmbeddedFile::Representation& chosen = gzip ? page.gzip : page.identity;
    fields_.insert(fields_.end(), std::begin(kPageFields), std::end(kPageFields));
    fields_.push_back({"ETag", chosen.tag});
    fields_.push_back({"Vary", "Accept-Encoding"});
    if (http::none_match_names(asked, chosen.tag)) {
      return end(http::append_head(response_, 304, fields_));
    }
    if (gzip) fields_.push_back({"Content-Encoding", "gzip"});
    return respond(200, media_type(page.path), as_text(chosen.content));
  }

 private:
  [[nodiscard]] AfterResponse end(bool appended) const {
    return appended ? after_ : AfterResponse::kClose;
  }

  Buffer& response_;
  http::Body body_;
  AfterResponse after_ = AfterResponse::kKeepAlive;
  std::vector<http::Field> fields_;
};

}  // namespace

std::string_view media_type(std::string_view path) {
  const auto* const found = std::ranges::find_if(
      kMediaTypes, [path](const MediaType& type) { return path.ends_with(type.ending); });
  return found == std::end(kMediaTypes) ? "application/octet-stream" : found->type;
}

AfterResponse answer_request(const http::RequestHead& request, Demo demo, Buffer& response) {
  Responder responder(request, response);
  if (request.method != "GET" && request.method != "HEAD") {
    constexpr http::Field kAllow[] = {{"Allow", "GET, HEAD"}};
    return responder.respond(405, "text/plain", "only GET and HEAD are served here\n", kAllow);
  }
  const std::string_view path = request.path();
  if (demo == Demo::kOn && path == kDemoRoot.substr(0, kDemoRoot.size() - 1)) {
    constexpr http::Field kLocation[] = {{"Location", kDemoRoot}};
    return responder.respond(302, "text/plain", "the demo is at /demo/\n", kLocation);
  }
  if (demo == Demo::kOff || !path.starts_with(kDemoRoot)) {
    return responder.respond(200, "text/plain", "OK");
  }
  const EmbeddedFile* const page = find_page(path);
  if (page != nullptr) return responder.respond_with_page(*page, request.fields);
  const EmbeddedFile* const not_found = find_embedded_file(kNotFoundPage);
  const std::string_view text = not_found == nullptr ? "" : as_text(not_found->identity.content);
  return responder.respond(404, media_type(kNotFoundPage), text, kPageFields);
}

void append_refusal(int status, std::string_view line, Buffer& response) {
  constexpr http::Field kFields[] = {{"Connection", "close"}, {"Content-Type", "text/plain"}};
  std::ignore = http::append_response(response, status, kFields, std::string(line) + "\n");
}

}  // namespace heliograph::server
