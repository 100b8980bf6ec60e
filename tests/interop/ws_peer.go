// Go's gorilla/websocket as a peer of ws_matrix.py:
//
//	ws_peer client URL CA CASE...
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

func echo(socket *websocket.Conn, kind int, message []byte) error {
	if err := socket.WriteMessage(kind, message); err != nil {
		return err
	}
	return expect(socket, kind, message)
}

func expect(socket *websocket.Conn, kind int, message []byte) error {
	gotKind, got, err := socket.ReadMessage()
	if err == nil && (gotKind != kind || !bytes.Equal(got, message)) {
		err = fmt.Errorf("another message")
	}
	return err
}

// Whether the next thing that arrives is a close frame with the code.
func expectClose(socket *websocket.Conn, code int) error {
	_, _, err := socket.ReadMessage()
	if websocket.IsCloseError(err, code) {
		return nil
	}
	return fmt.Errorf("not closed with %d: %v", code, err)
}

func closeWith(socket *websocket.Conn, code int) error {
	payload := websocket.FormatCloseMessage(code, "bye")
	deadline := time.Now().Add(time.Second)
	if err := socket.WriteControl(websocket.CloseMessage, payload, deadline); err != nil {
		return err
	}
	return expectClose(socket, code)
}

func ping(socket *websocket.Conn) error {
	answered := false
	socket.SetPongHandler(func(payload string) error {
		answered = payload == "are you there"
		return nil
	})
	deadline := time.Now().Add(time.Second)
	if err := socket.WriteControl(websocket.PingMessage, []byte("are you there"), deadline); err != nil {
		return err
	}
	// Pongs are handled while a message is waited for.
	if err := echo(socket, websocket.TextMessage, []byte("behind")); err != nil {
		return err
	}
	if !answered {
		return fmt.Errorf("no pong")
	}
	return nil
}

// A message that is longer than the buffer for writing leaves in fragments.
func fragments(socket *websocket.Conn) error {
	message := []byte(strings.Repeat("fragments", 1000))
	writer, err := socket.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	for at := 0; at < len(message); at += 900 {
		if _, err := writer.Write(message[at : at+900]); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return expect(socket, websocket.TextMessage, message)
}

func deflate(socket *websocket.Conn) error {
	for i := 0; i < 3; i++ {
		text := []byte(strings.Repeat("heliograph ", 1000))
		if err := echo(socket, websocket.TextMessage, text); err != nil {
			return err
		}
	}
	return nil
}

func run(url string, roots *x509.CertPool, what string) error {
	dialer := websocket.Dialer{
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		EnableCompression: what == "deflate",
		WriteBufferSize:   1000,
	}
	if what == "subprotocol" {
		dialer.Subprotocols = []string{"chat.v1", "chat.v2"}
	}
	socket, response, err := dialer.Dial(url, nil)
	if err != nil {
		return err
	}
	defer socket.Close()
	switch what {
	case "text":
		err = echo(socket, websocket.TextMessage, []byte("Grüße, 你好"))
	case "subprotocol":
		if socket.Subprotocol() != "chat.v2" {
			return fmt.Errorf("another subprotocol")
		}
	case "binary":
		data := make([]byte, 65536)
		for i := range data {
			data[i] = byte(i * 7)
		}
		err = echo(socket, websocket.BinaryMessage, data)
	case "fragments":
		err = fragments(socket)
	case "ping":
		err = ping(socket)
	case "close":
		return closeWith(socket, 4000)
	case "too-big":
		if err = socket.WriteMessage(websocket.BinaryMessage, make([]byte, 65537)); err == nil {
			err = expectClose(socket, 1009)
		}
		return err
	case "deflate":
		if !strings.HasPrefix(response.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
			return fmt.Errorf("not agreed on")
		}
		err = deflate(socket)
	}
	if err != nil {
		return err
	}
	return closeWith(socket, websocket.CloseNormalClosure)
}

func main() {
	pem, err := os.ReadFile(os.Args[3])
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	for _, what := range os.Args[4:] {
		if err := run(os.Args[2], roots, what); err != nil {
			fmt.Println(what, err)
		} else {
			fmt.Println(what, "ok")
		}
	}
}
