"""Enumerations of ECMA-323 6th edition with their words on the wire, the standard's own spelling kept."""

from enum import StrEnum


class LocalConnectionState(StrEnum):
    """The state of a connection (LocalConnectionState)."""

    NULL = "null"
    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HOLD = "hold"
    QUEUED = "queued"
    FAIL = "fail"


class TypeOfNumber(StrEnum):
    """How to read a device identifier (DeviceID, attribute typeOfNumber)."""

    DIALING_NUMBER = "dialingNumber"
    DEVICE_NUMBER = "deviceNumber"
    IMPLICIT_PUBLIC = "implicitPublic"
    EXPLICIT_PUBLIC_UNKNOWN = "explicitPublic:unknown"
    EXPLICIT_PUBLIC_INTERNATIONAL = "explicitPublic:international"
    EXPLICIT_PUBLIC_NATIONAL = "explicitPublic:national"
    EXPLICIT_PUBLIC_NETWORKSPECIFIC = "explicitPublic:networkspecific"
    EXPLICIT_PUBLIC_SUBSCRIBER = "explicitPublic:subscriber"
    EXPLICIT_PUBLIC_ABBREVIATED = "explicitPublic:abbreviated"
    IMPLICIT_PRIVATE = "implicitPrivate"
    EXPLICIT_PRIVATE_UNKNOWN = "explicitPrivate:unknown"
    EXPLICIT_PRIVATE_LEVEL3_REGIONAL_NUMBER = "explicitPrivate:level3RegionalNumber"
    EXPLICIT_PRIVATE_LEVEL2_REGIONAL_NUMBER = "explicitPrivate:level2RegionalNumber"
    EXPLICIT_PRIVATE_LEVEL1_REGIONAL_NUMBER = "explicitPrivate:level1RegionalNumber"
    EXPLICIT_PRIVATE_PTN_SPECIFIC_NUMBER = "explicitPrivate:pTNSpecificNumber"
    EXPLICIT_PRIVATE_LOCAL_NUMBER = "explicitPrivate:localNumber"
    EXPLICIT_PRIVATE_ABBREVIATED = "explicitPrivate:abbreviated"
    OTHER = "other"


class MonitorType(StrEnum):
    """What a monitor follows: a call wherever it goes, or a device."""

    CALL = "call"
    DEVICE = "device"


class AutoOriginate(StrEnum):
    """Whether the caller has to lift the handset (prompt) or the PBX opens the speaker by itself."""

    PROMPT = "prompt"
    DO_NOT_PROMPT = "doNotPrompt"


class ConsultOptions(StrEnum):
    """What a consultation call is for."""

    UNRESTRICTED = "unrestricted"
    CONSULT_ONLY = "consultOnly"
    TRANSFER_ONLY = "transferOnly"
    CONFERENCE_ONLY = "conferenceOnly"


class DigitMode(StrEnum):
    """How digits are sent."""

    ROTARY_PULSE = "rotaryPulse"
    DTMF = "dTMF"


class ForwardingType(StrEnum):
    """When a call is forwarded, and whose calls."""

    FORWARD_IMMEDIATE = "forwardImmediate"
    FORWARD_BUSY = "forwardBusy"
    FORWARD_NO_ANS = "forwardNoAns"
    FORWARD_DND = "forwardDND"
    FORWARD_BUSY_INT = "forwardBusyInt"
    FORWARD_BUSY_EXT = "forwardBusyExt"
    FORWARD_NO_ANS_INT = "forwardNoAnsInt"
    FORWARD_NO_ANS_EXT = "forwardNoAnsExt"
    FORWARD_IMM_INT = "forwardImmInt"
    FORWARD_IMM_EXT = "forwardImmExt"
    FORWARD_DND_INT = "forwardDNDInt"
    FORWARD_DND_EXT = "forwardDNDExt"


class ForwardDefault(StrEnum):
    """Which parts of a forwarding are the PBX's own default."""

    FORWARDING_TYPE_AND_FORWARD_DN = "forwardingTypeAndForwardDN"
    FORWARDING_TYPE = "forwardingType"
    FORWARD_DN = "forwardDN"


class ParticipationType(StrEnum):
    """How a device takes part in a conference."""

    SILENT = "silent"
    ACTIVE = "active"
    NONE = "none"


class SystemStatusValue(StrEnum):
    """How the PBX is (SystemStatus)."""

    DISABLED = "disabled"
    PARTIALLY_DISABLED = "partiallyDisabled"
    ENABLED = "enabled"
    INITIALIZING = "initializing"
    MESSAGES_LOST = "messagesLost"
    NORMAL = "normal"
    OVERLOAD_IMMINENT = "overloadImminent"
    OVERLOAD_REACHED = "overloadReached"
    OVERLOAD_RELIEVED = "overloadRelieved"


class DeviceCategory(StrEnum):
    """What a device is."""

    ACD = "acd"
    GROUP = "group"
    NETWORK_INTERFACE = "networkInterface"
    PARK = "park"
    ROUTEING_DEVICE = "routeingDevice"
    STATION = "station"
    VOICE_UNIT = "voiceUnit"
    GENERIC_INTERACTIVE_VOICE = "genericInteractiveVoice"
    LISTENER_INTERACTIVE_VOICE = "listenerInteractiveVoice"
    DTMF_INTERACTIVE_VOICE = "dtmfInteractiveVoice"
    PROMPT_INTERACTIVE_VOICE = "promptInteractiveVoice"
    PROMPT_QUEUE_INTERACTIVE_VOICE = "promptQueueInteractiveVoice"
    MESSAGE_INTERACTIVE_VOICE = "messageInteractiveVoice"
    CONFERENCE = "conference"
    OTHER = "other"


class RequestedDeviceCategory(StrEnum):
    """Which devices a client asks for (ReqDeviceCategory)."""

    ACD = "acd"
    GROUP_ACD = "groupACD"
    GROUP_HUNT = "groupHunt"
    GROUP_PICK = "groupPick"
    GROUP_USER = "groupUser"
    GROUP_OTHER = "groupOther"
    NETWORK_INTERFACE = "networkInterface"
    PARK = "park"
    ROUTEING_DEVICE = "routeingDevice"
    STATION = "station"
    VOICE_UNIT = "voiceUnit"
    GENERIC_IV = "genericIV"
    LISTENER_IV = "listenerIV"
    DTMF_IV = "dtmfIV"
    PROMPT_IV = "promptIV"
    PROMPT_QUEUE = "promptQueue"
    MESSAGE_IV = "messageIV"
    CONFERENCE = "conference"
    OTHER = "other"


class NamedDeviceType(StrEnum):
    """What kind of station, group or trunk a device is (NamedDeviceTypes)."""

    ACD = "acd"
    ACD_GROUP = "acdGroup"
    BUTTON = "button"
    BUTTON_GROUP = "buttonGroup"
    CONFERENCE_BRIDGE = "conferenceBridge"
    LINE = "line"
    LINE_GROUP = "lineGroup"
    OPERATOR = "operator"
    OPERATOR_GROUP = "operatorGroup"
    PARKING_DEVICE = "parkingDevice"
    STATION = "station"
    STATION_GROUP = "stationGroup"
    TRUNK = "trunk"
    TRUNK_GROUP = "trunkGroup"
    OTHER = "other"
    OTHER_GROUP = "otherGroup"


class DynamicFeatures(StrEnum):
    """Whether the PBX tells with its events what may be done (DynamicFeatureSupported)."""

    NONE = "none"
    ALL = "all"
    SOME = "some"


class SimpleCallState(StrEnum):
    """The state of a call seen from a device (SimpleCallState)."""

    CALL_NULL = "callNull"
    CALL_PENDING = "callPending"
    CALL_ORIGINATED = "callOriginated"
    CALL_DELIVERED = "callDelivered"
    CALL_DELIVERED_HELD = "callDeliveredHeld"
    CALL_RECEIVED = "callReceived"
    CALL_ESTABLISHED = "callEstablished"
    CALL_ESTABLISHED_HELD = "callEstablishedHeld"
    CALL_RECEIVED_ON_HOLD = "callReceivedOnHold"
    CALL_ESTABLISHED_ON_HOLD = "callEstablishedOnHold"
    CALL_QUEUED = "callQueued"
    CALL_QUEUED_HELD = "callQueuedHeld"
    CALL_FAILED = "callFailed"
    CALL_FAILED_HELD = "callFailedHeld"
    CALL_BLOCKED = "callBlocked"


class CallControlService(StrEnum):
    """Call control services, as in CallControlServices."""

    ACCEPT_CALL = "acceptCall"
    ALTERNATE_CALL = "alternateCall"
    ANSWER_CALL = "answerCall"
    CALL_BACK = "callBack"
    CALL_BACK_MESSAGE = "callBackMessage"
    CAMP_ON_CALL = "campOnCall"
    CLEAR_CALL = "clearCall"
    CLEAR_CONNECTION = "clearConnection"
    CONFERENCE_CALL = "conferenceCall"
    CONSULTATION_CALL = "consultationCall"
    DEFLECT_CALL = "deflectCall"
    DIAL_DIGITS = "dialDigits"
    DIRECTED_PICKUP_CALL = "directedPickupCall"
    GROUP_PICKUP_CALL = "groupPickupCall"
    HOLD_CALL = "holdCall"
    INTRUDE_CALL = "intrudeCall"
    JOIN_CALL = "joinCall"
    MAKE_CALL = "makeCall"
    MAKE_PREDICTIVE_CALL = "makePredictiveCall"
    PARK_CALL = "parkCall"
    RECONNECT_CALL = "reconnectCall"
    RETRIEVE_CALL = "retrieveCall"
    SEND_MESSAGE = "sendMessage"
    SINGLE_STEP_CONFERENCE = "singleStepConference"
    SINGLE_STEP_TRANSFER = "singleStepTransfer"
    TRANSFER_CALL = "transferCall"


class CallAssociatedService(StrEnum):
    """Services around a call, as in CallAssociatedServices."""

    ASSOCIATE_DATA = "associateData"
    CANCEL_TELEPHONY_TONES = "cancelTelephonyTones"
    GENERATE_DIGITS = "generateDigits"
    GENERATE_TELEPHONY_TONES = "generateTelephonyTones"
    SEND_USER_INFORMATION = "sendUserInformation"
    CHANGE_CONNECTION_INFORMATION = "changeConnectionInformation"


class LogicalService(StrEnum):
    """Services of a logical device, as in LogicalServList."""

    CALL_BACK_NON_CALL_REL = "callBackNonCallRel"
    CALL_BACK_MSG_NON_CALL_REL = "callBackMsgNonCallRel"
    CANCEL_CALL_BACK = "cancelCallBack"
    CANCEL_CALL_BACK_MSG = "cancelCallBackMsg"
    SET_AGENT_STATE = "setAgentState"
    SET_AUTO_ANSWER = "setAutoAnswer"
    SET_AUTO_WORK_MODE = "setAutoWorkMode"
    SET_CALLER_ID_STATUS = "setCallerIDStatus"
    SET_DO_NOT_DISTURB = "setDoNotDisturb"
    SET_FORWARDING = "setForwarding"
    SET_PRESENCE_STATE = "setPresenceState"
    SET_ROUTEING_MODE = "setRouteingMode"


class CallControlEventName(StrEnum):
    """Call control events, as in CallControlEvents (a filter)."""

    BRIDGED = "bridged"
    CALL_CLEARED = "callCleared"
    CONFERENCED = "conferenced"
    CONNECTION_CLEARED = "connectionCleared"
    DELIVERED = "delivered"
    DIGITS_DIALED = "digitsDialed"
    DIVERTED = "diverted"
    ESTABLISHED = "established"
    FAILED = "failed"
    HELD = "held"
    NETWORK_CAPABILITIES_CHANGED = "networkCapabilitiesChanged"
    NETWORK_REACHED = "networkReached"
    OFFERED = "offered"
    ORIGINATED = "originated"
    QUEUED = "queued"
    RETRIEVED = "retrieved"
    SERVICE_INITIATED = "serviceInitiated"
    TRANSFERRED = "transferred"


class CallAssociatedEventName(StrEnum):
    """Events around a call, as in CallAssociatedEvents (a filter)."""

    CALL_INFORMATION = "callInformation"
    CHARGING = "charging"
    DIGITS_GENERATED = "digitsGenerated"
    TELEPHONY_TONES_GENERATED = "telephonyTonesGenerated"
    SERVICE_COMPLETION_FAILURE = "serviceCompletionFailure"


class LogicalEventName(StrEnum):
    """Events of a logical device, as in LogicalDeviceFeatureEvents (a filter)."""

    AGENT_BUSY = "agentBusy"
    AGENT_LOGGED_ON = "agentLoggedOn"
    AGENT_LOGGED_OFF = "agentLoggedOff"
    AGENT_NOT_READY = "agentNotReady"
    AGENT_READY = "agentReady"
    AGENT_WORKING_AFTER_CALL = "agentWorkingAfterCall"
    AUTO_ANSWER = "autoAnswer"
    AUTO_WORK_MODE = "autoWorkMode"
    CALL_BACK = "callBack"
    CALL_BACK_MESSAGE = "callBackMessage"
    CALLER_ID_STATUS = "callerIDStatus"
    DO_NOT_DISTURB = "doNotDisturb"
    FORWARDING = "forwarding"
    PRESENCE_STATE = "presenceState"
    ROUTEING_MODE = "routeingMode"


class PhysicalEventName(StrEnum):
    """Events of a physical device, as in PhysicalDeviceFeatureEvents (a filter)."""

    BUTTON_INFORMATION = "buttonInformation"
    BUTTON_PRESS = "buttonPress"
    DISPLAY_UPDATED = "displayUpdated"
    HOOKSWITCH = "hookswitch"
    LAMP_MODE = "lampMode"
    MESSAGE_WAITING = "messageWaiting"
    MICROPHONE_GAIN = "microphoneGain"
    MICROPHONE_MUTE = "microphoneMute"
    RINGER_STATUS = "ringerStatus"
    SPEAKER_MUTE = "speakerMute"
    SPEAKER_VOLUME = "speakerVolume"


class MaintenanceEventName(StrEnum):
    """Events of a device's upkeep, as in DeviceMaintenanceEvents (a filter)."""

    BACK_IN_SERVICE = "backInService"
    DEVICE_CAPABILITY_CHANGED = "deviceCapabilityChanged"
    OUT_OF_SERVICE = "outOfService"
    PARTIALLY_IN_SERVICE = "partiallyInService"
