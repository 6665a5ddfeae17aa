# Drives Kate as a user does: kate.sh FILE. What it shows is known from the traffic only, and from its windows.
export DISPLAY=:7 QT_QPA_PLATFORM=xcb

fail() {
	echo "$1"
	cat "$TMPDIR/kate.log"
	exit 1
}

said() { # how often a side sent a word
	grep -oF -- "$2" "$TMPDIR/$1.traffic" 2>/dev/null | wc -l
}

wait_for() { # a word that a side sends, for more than a number of times
	for _ in $(seq 600); do
		[ "$(said "$1" "$2")" -gt "${3:-0}" ] && return
		sleep 0.1
	done
	fail "the $1 sends no $2"
}

focus() { # a window by its name: there is nobody else who gives it the keys
	for _ in $(seq 600); do
		window=$(xdotool search --onlyvisible --name "$1" 2>/dev/null) && break
		sleep 0.1
	done
	xdotool windowfocus --sync "$window" || fail "there is no window $1"
	sleep 0.5
}

choose() { # the first of what is offered where the cursor is, and the text has the words then
	before=$(said server '"isIncomplete"')
	xdotool key ctrl+space
	wait_for server '"isIncomplete"' "$before"
	sleep 1 # it is shown
	xdotool key Return
	wait_for client "$1"
}

features() {
	xdotool key ctrl+Home Down End Return
	xdotool type --delay 50 'FROM python:${'
	wait_for client 'FROM python:${}' # Kate closes it
	choose 'FROM python:${TAG}\n'
	xdotool key End Return
	xdotool type --delay 50 HEALTH
	wait_for client 'HEALTH\n'
	choose 'HEALTHCHECK CMD ' # the part that is to be filled in is left out
	xdotool type true

	xdotool key ctrl+Home Down End Left alt+l
	sleep 1
	xdotool key r
	focus Rename
	xdotool type builder
	xdotool key Return
	wait_for client 'AS builder'
	focus Dockerfile
	xdotool key ctrl+t f
	wait_for client '\nCOPY requirements.txt'
}

fix() {
	xdotool key ctrl+g
	sleep 1
	xdotool type 7
	xdotool key Return
	sleep 1
	xdotool mousemove 100 187
	sleep 0.3
	xdotool mousemove_relative 3 1
	wait_for server '"contents"'
	xdotool key alt+Return
	wait_for server '"title"'
	sleep 1
	xdotool key Down Return
	wait_for client didChange
}

crash() {
	kill -9 "$(cat "$SERVER_PID")"
	rm "$TMPDIR"/*.traffic
	wait_for server publishDiagnostics
	sleep 1
	fix
}

Xvfb $DISPLAY -screen 0 1280x800x24 >/dev/null 2>&1 &
until xdotool getdisplaygeometry >/dev/null 2>&1; do sleep 0.1; done
dbus-run-session kate --block "$1" >"$TMPDIR/kate.log" 2>&1 &
kate=$!
wait_for server publishDiagnostics
sleep 1
$TASK
xdotool key ctrl+s
wait_for client didSave
xdotool key ctrl+q
wait $kate
