// The worker's part in presence and rooms: what sessions ask of the home workers of names and
// rooms, and the news that come back. Where both are the same worker, the letters are to itself.

#include <string>
#include <utility>

#include "server/worker.hpp"

namespace heliograph::server {

void Worker::watch_name(SlotId id, std::string_view name, bool watches) {
  post(home_of(name),
       WatchName{.name = std::string(name), .watcher = address_of(id), .watches = watches});
}

void Worker::enter_room(SlotId id, std::string_view room, std::string_view user) {
  post(home_of(room),
       EnterRoom{.room = std::string(room), .name = std::string(user), .member = address_of(id)});
}

void Worker::leave_room(SlotId id, std::string_view room) {
  post(home_of(room), LeaveRoom{.room = std::string(room), .member = address_of(id)});
}

void Worker::on_letter(WatchName& letter) {
  if (!letter.watches) return presence_.unwatch(letter.name, letter.watcher);
  presence_.watch(letter.name, letter.watcher);
  post(letter.watcher.worker, NameSeen{.session = letter.watcher.connection,
                                       .name = letter.name,
                                       .online = directory_.find(letter.name).has_value()});
}

void Worker::announce(std::string_view name, bool online) {
  for (const signal::Address& watcher : presence_.watchers(name)) {
    post(watcher.worker,
         NameSeen{.session = watcher.connection, .name = std::string(name), .online = online});
  }
}

void Worker::on_letter(NameSeen& letter) {
  Member* const member = session_at(letter.session);
  if (member == nullptr) return;
  with_session(letter.session, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.notice(
        {.kind = signal::Event::Kind::kPresence, .name = letter.name, .online = letter.online},
        effects);
  });
}

void Worker::on_letter(EnterRoom& letter) {
  using enum signal::Rooms::Joined;
  const auto joined = rooms_.join(letter.room, letter.name, letter.member);
  RoomNews news{.session = letter.member.connection,
                .kind = joined == kFull ? RoomNews::Kind::kFull : RoomNews::Kind::kEntered,
                .room = letter.room,
                .names = {}};
  if (joined != kFull) {
    for (const signal::RoomMember& member : rooms_.members(letter.room)) {
      if (member.address != letter.member) news.names.push_back(member.name);
    }
  }
  post(letter.member.worker, std::move(news));
  if (joined == kNew) tell_room(letter.room, letter.member, RoomNews::Kind::kJoined, letter.name);
}

void Worker::on_letter(LeaveRoom& letter) {
  const auto name = rooms_.part(letter.room, letter.member);
  if (name) tell_room(letter.room, letter.member, RoomNews::Kind::kLeft, *name);
}

void Worker::tell_room(std::string_view room, const signal::Address& except, RoomNews::Kind kind,
                       std::string_view name) {
  for (const signal::RoomMember& member : rooms_.members(room)) {
    if (member.address == except) continue;
    post(member.address.worker, RoomNews{.session = member.address.connection,
                                         .kind = kind,
                                         .room = std::string(room),
                                         .names = {std::string(name)}});
  }
}

void Worker::on_letter(RoomNews& letter) {
  Member* const member = session_at(letter.session);
  if (member == nullptr) return;
  const std::vector<std::string_view> names(letter.names.begin(), letter.names.end());
  signal::Event event{.room = letter.room};
  switch (letter.kind) {
    case RoomNews::Kind::kEntered:
      event.kind = signal::Event::Kind::kRoom;
      event.names = names;
      break;
    case RoomNews::Kind::kFull:
      event.kind = signal::Event::Kind::kError;
      event.error = signal::Error::kRoomFull;
      break;
    case RoomNews::Kind::kJoined:
      event.kind = signal::Event::Kind::kJoined;
      event.name = names.front();
      break;
    case RoomNews::Kind::kLeft:
      event.kind = signal::Event::Kind::kLeft;
      event.name = names.front();
      break;
  }
  with_session(letter.session, *member, [&](signal::Session& session, signal::Effects& effects) {
    session.notice(event, effects);
  });
}

}  // namespace heliograph::server
