<?php
// Reads and validates a calendar on standard input with sabre/vobject, the parser of Nextcloud; its events as JSON.
error_reporting(E_ALL & ~E_DEPRECATED);
require '/usr/share/php/Sabre/VObject/autoload.php';

$calendar = Sabre\VObject\Reader::read(stream_get_contents(STDIN));
$complaints = $calendar->validate();
if ($complaints) {
    foreach ($complaints as $one) {
        fwrite(STDERR, $one['level'] . ' ' . $one['message'] . "\n");
    }
    exit(1);
}
$word = function ($property) {
    $time = $property->getDateTime();
    if ((string) $property['VALUE'] === 'DATE') {
        return $time->format('Y-m-d');
    }
    return $time->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i');
};
$found = [];
foreach ($calendar->select('VEVENT') as $event) {
    $found[] = $word($event->DTSTART) . '/' . $word($event->DTEND);
}
echo json_encode($found, JSON_UNESCAPED_SLASHES);
