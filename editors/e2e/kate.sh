# Drives Kate as a user does: kate.sh FILE. What it shows is known from the traffic only.
export DISPLAY=:7 QT_QPA_PLATFORM=xcb

wait_for() { # a word that a side sends
	for _ in $(seq 600); do
		grep -qs "$2" "$TMPDIR/$1.traffic" && return
		sleep 0.1
	done
	echo "the $1 sends no $2"
	cat "$TMPDIR/kate.log"
	exit 1
}

Xvfb $DISPLAY -screen 0 1280x800x24 >/dev/null 2>&1 &
until xdotool getdisplaygeometry >/dev/null 2>&1; do sleep 0.1; done
dbus-run-session kate --block "$1" >"$TMPDIR/kate.log" 2>&1 &
kate=$!
wait_for server publishDiagnostics
sleep 1
[ "$TASK" = fix ] || {
	kill -9 "$(cat "$SERVER_PID")"
	rm "$TMPDIR"/*.traffic
	wait_for server publishDiagnostics
	sleep 1
}
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
xdotool key ctrl+s
wait_for client didSave
xdotool key ctrl+q
wait $kate
